<?php
require __DIR__ . '/inc/bootstrap.php';
$books = $pdo->query('SELECT id, title, author FROM books ORDER BY title LIMIT 50')->fetchAll();
?>
<!doctype html>
<ul>
<?php foreach ($books as $book): ?>
  <li><a href="/book.php?id=<?= (int) $book['id'] ?>"><?= htmlspecialchars($book['title']) ?></a></li>
<?php endforeach; ?>
</ul>
