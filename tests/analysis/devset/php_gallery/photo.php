<?php
require_once 'includes/config.php';

$id = $_GET['id'];
$photo = mysqli_fetch_assoc(mysqli_query($conn, "SELECT * FROM photos WHERE id = " . $id));
$num = (int) $_GET['id'];
$count = mysqli_fetch_row(mysqli_query($conn, "SELECT COUNT(*) FROM comments WHERE photo_id = $num"));

if (isset($_POST['comment'])) {
    require_login();
    $body = mysqli_real_escape_string($conn, $_POST['comment']);
    mysqli_query($conn, "INSERT INTO comments (photo_id, uid, body) VALUES ($num, {$_SESSION['uid']}, '$body')");
}

$comments = mysqli_query($conn, "SELECT c.body, u.username FROM comments c JOIN users u ON u.id = c.uid WHERE photo_id = $num");
?>
<html>
<head><title><?= e($photo['title']) ?></title></head>
<body>
<h1><?php echo $photo['title']; ?></h1>
<img src="uploads/<?php echo rawurlencode($photo['file']); ?>">
<?php while ($c = mysqli_fetch_assoc($comments)): ?>
  <p><b><?= e($c['username']) ?></b>: <?= $c['body'] ?></p>
<?php endwhile; ?>
<p><?php printf('Page of %s', $_GET['ref']); ?></p>
<a href="photo.php?id=<?= $num ?>">again</a>
</body>
</html>
