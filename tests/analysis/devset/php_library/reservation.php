<?php
require __DIR__ . '/inc/auth.php';
$stmt = $pdo->prepare('SELECT * FROM reservations WHERE id = ?');
$stmt->execute([$_GET['id'] ?? 0]);
$reservation = $stmt->fetch();
if (!$reservation || $reservation['member_id'] !== current_member()) {
    http_response_code(404);
    exit('no such reservation');
}
echo htmlspecialchars($reservation['note']);
