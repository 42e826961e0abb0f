<?php use Core\View; ?>
<ul>
<?php foreach ($articles as $article): ?>
  <li><a href="/show?id=<?= $article['id'] ?>"><?= View::e($article['title']) ?></a></li>
<?php endforeach; ?>
</ul>
<p>Page <?= htmlspecialchars($_GET['page'] ?? '1') ?></p>
