<?php
require __DIR__ . '/inc/auth.php';
check_csrf();
$stmt = $pdo->prepare('UPDATE loans SET due = DATE_ADD(due, INTERVAL 14 DAY) WHERE id = ? AND member_id = ?');
$stmt->execute([$_POST['id'] ?? 0, $_SESSION['member_id']]);
header('Location: /loans.php');
