<?php
require 'config.php';

$id = $_GET['id'] ?? '1';
$result = mysqli_query(db(), "SELECT * FROM pages WHERE id = $id");
$page = mysqli_fetch_assoc($result);

$stmt = pdo()->prepare('SELECT title FROM pages WHERE parent = ?');
$stmt->execute([$id]);
$children = $stmt->fetchAll();

$number = (int) ($_GET['page'] ?? 1);
$rows = db()->query("SELECT id, title FROM pages LIMIT 10 OFFSET " . ($number * 10));

$theme = $_COOKIE['theme'] ?? 'default';
include 'themes/' . $theme . '.php';
?>
<!DOCTYPE html>
<html>
<head><title><?= e($page['title']) ?></title></head>
<body>
<h1><?= e($page['title']) ?></h1>
<form action="search.php"><input name="q" value="<?php echo $_GET['q']; ?>"></form>
<div><?= $page['body'] ?></div>
<ul>
<?php foreach ($children as $child): ?>
  <li><?= htmlspecialchars($child['title']) ?></li>
<?php endforeach; ?>
</ul>
</body>
</html>
