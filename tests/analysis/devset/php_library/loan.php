<?php
require __DIR__ . '/inc/auth.php';
$stmt = $pdo->prepare('SELECT * FROM loans WHERE id = ?');
$stmt->execute([$_GET['id'] ?? 0]);
$loan = $stmt->fetch();
header('Content-Type: application/json');
echo json_encode($loan);
