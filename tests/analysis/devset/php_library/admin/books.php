<?php
require __DIR__ . '/../inc/staff.php';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    check_csrf();
    $stmt = $pdo->prepare('INSERT INTO books (title, author) VALUES (?, ?)');
    $stmt->execute([$_POST['title'] ?? '', $_POST['author'] ?? '']);
}
echo 'ok';
