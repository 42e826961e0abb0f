<?php
require __DIR__ . '/inc/bootstrap.php';
$stmt = $pdo->prepare('SELECT id, title, author FROM books WHERE id = ?');
$stmt->execute([$_GET['id'] ?? 0]);
$book = $stmt->fetch();
if (!$book) {
    http_response_code(404);
    exit('no such book');
}
?>
<h1><?= htmlspecialchars($book['title']) ?></h1>
