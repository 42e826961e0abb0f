<h1><?= h($ticket['title']) ?></h1>
<div><?= nl2br($ticket['text']) ?></div>
<script>const ticket = <?= json_encode($ticket, JSON_HEX_TAG) ?>;</script>
