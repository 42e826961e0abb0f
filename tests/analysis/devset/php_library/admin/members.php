<?php
require __DIR__ . '/../inc/staff.php';
foreach ($pdo->query('SELECT id, email FROM members') as $member) {
    echo htmlspecialchars($member['email']), "<br>\n";
}
