<p><?= $message ?></p>
<form method="post">
  <input name="name" value="<?= h($name) ?>">
  <input type="password" name="password">
</form>
