<?php
session_start();
require __DIR__ . '/../src/helpers.php';
require __DIR__ . '/../src/Database.php';

$database = new Guestbook\Database();
$entries = isset($_GET['q']) ? $database->search($_GET['q']) : $database->entries($_GET['sort'] ?? 'id');
$language = isset($_GET['lang']) ? $_GET['lang'] : 'en';
require 'lang/' . $language . '.php';
?>
<html>
<body>
<h1>Guestbook</h1>
<?php if (isset($_GET['q'])) { ?>
<p>You looked for <?= $_GET['q'] ?></p>
<?php } ?>
<?php foreach ($entries as $entry) { ?>
<div class="entry">
  <b><?php echo html($entry['name']); ?></b>
  <p><?php echo $entry['text']; ?></p>
</div>
<?php } ?>
<form method="post" action="add.php">
  <input name="name"><textarea name="text"></textarea>
</form>
</body>
</html>
