<?php
require __DIR__ . '/../inc/staff.php';
check_csrf();
$file = $_FILES['cover'];
$allowed = ['image/png' => 'png', 'image/jpeg' => 'jpg'];
$type = mime_content_type($file['tmp_name']);
if (!isset($allowed[$type]) || $file['size'] > 2_000_000) {
    http_response_code(400);
    exit('not a cover');
}
move_uploaded_file($file['tmp_name'], '/srv/covers/' . bin2hex(random_bytes(16)) . '.' . $allowed[$type]);
