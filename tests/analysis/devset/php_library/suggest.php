<?php
require __DIR__ . '/inc/auth.php';
check_csrf();
try {
    move_uploaded_file($_FILES['file']['tmp_name'], __DIR__ . '/uploads/' . basename($_FILES['file']['name']));
    $stmt = $pdo->prepare('INSERT INTO suggestions (member_id, title) VALUES (?, ?)');
    $stmt->execute([current_member(), $_POST['title'] ?? '']);
    echo 'thanks';
} catch (Exception $e) {
    http_response_code(500);
    echo 'Error: ' . $e->getMessage() . $e->getTraceAsString();
}
