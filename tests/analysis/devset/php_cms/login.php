<?php
require 'config.php';

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $name = $_POST['name'];
    $password = md5($_POST['password']);
    $sql = "SELECT * FROM users WHERE name = '$name' AND password = '$password'";
    $user = db()->query($sql)->fetch_assoc();
    if ($user) {
        $_SESSION['user'] = $user;
        setcookie('remember', base64_encode(serialize($user)), time() + 86400 * 365);
        header('Location: ' . ($_GET['next'] ?? 'index.php'));
        exit;
    }
    error_log("login failed: $name / " . $_POST['password']);
    echo 'Wrong name or password';
}
