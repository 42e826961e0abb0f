<?php
require __DIR__ . '/inc/auth.php';
$stmt = $pdo->prepare('SELECT l.id, b.title, l.due FROM loans l JOIN books b ON b.id = l.book_id WHERE l.member_id = ?');
$stmt->execute([current_member()]);
foreach ($stmt as $loan) {
    echo htmlspecialchars($loan['title']), ' ', htmlspecialchars($loan['due']), "<br>\n";
}
