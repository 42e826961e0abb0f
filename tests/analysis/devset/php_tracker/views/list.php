<h1>Tickets</h1>
<p>You looked for <?= $q ?></p>
<ul>
<?php foreach ($tickets as $ticket): ?>
  <li><a href="/ticket.php?id=<?= (int) $ticket['id'] ?>"><?= h($ticket['title']) ?></a></li>
<?php endforeach ?>
</ul>
