<?php
require_once 'includes/config.php';
require_login();

if (isset($_FILES['photo'])) {
    $name = $_FILES['photo']['name'];
    $type = $_FILES['photo']['type'];
    if ($type == 'image/jpeg' || $type == 'image/png') {
        move_uploaded_file($_FILES['photo']['tmp_name'], UPLOAD_DIR . $name);
        exec("convert " . UPLOAD_DIR . $name . " -resize 200x200 " . UPLOAD_DIR . "thumb_" . $name);
        $title = $_POST['title'];
        $stmt = $conn->prepare('INSERT INTO photos (title, file, uid) VALUES (?, ?, ?)');
        $stmt->bind_param('ssi', $title, $name, $_SESSION['uid']);
        $stmt->execute();
    }
}

if (isset($_FILES['logo'])) {
    $allowed = array('jpg' => 'image/jpeg', 'png' => 'image/png');
    $ext = strtolower(pathinfo($_FILES['logo']['name'], PATHINFO_EXTENSION));
    if (isset($allowed[$ext]) && getimagesize($_FILES['logo']['tmp_name'])) {
        move_uploaded_file($_FILES['logo']['tmp_name'], UPLOAD_DIR . bin2hex(random_bytes(8)) . '.' . $ext);
    }
}

if (!empty($_POST['from_url'])) {
    $data = file_get_contents($_POST['from_url']);
    file_put_contents(UPLOAD_DIR . uniqid() . '.jpg', $data);
}
