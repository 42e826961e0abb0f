<?php
require __DIR__ . '/inc/auth.php';
check_csrf();
$stmt = $pdo->prepare('DELETE FROM reservations WHERE id = :id');
$stmt->execute(['id' => $_POST['id'] ?? 0]);
header('Location: /loans.php');
