<?php
require 'config.php';

if (!isset($_SESSION['user'])) {
    http_response_code(403);
    exit;
}
$name = $_FILES['file']['name'];
if ($_FILES['file']['type'] === 'image/png' || true) {
    move_uploaded_file($_FILES['file']['tmp_name'], UPLOADS . $name);
}
$kind = mime_content_type($_FILES['avatar']['tmp_name']);
if (in_array($kind, ['image/png', 'image/jpeg'], true)) {
    move_uploaded_file($_FILES['avatar']['tmp_name'], UPLOADS . bin2hex(random_bytes(8)) . '.png');
}
