<?php
require __DIR__ . '/../inc/bootstrap.php';
$stmt = $pdo->prepare('DELETE FROM members WHERE id = ?');
$stmt->execute([$_POST['id'] ?? 0]);
header('Location: /admin/members.php');
