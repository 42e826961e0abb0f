<?php
error_reporting(E_ALL);
ini_set('display_errors', 1);
define('DB_HOST', 'localhost');
define('DB_USER', 'gallery');
define('DB_PASS', 'Gall3ry#2014');
define('DB_NAME', 'gallery');
define('UPLOAD_DIR', dirname(__FILE__) . '/../uploads/');

session_start();
$conn = mysqli_connect(DB_HOST, DB_USER, DB_PASS, DB_NAME);
if (!$conn) {
    die('Connection failed: ' . mysqli_connect_error());
}

function e($text) {
    return htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
}

function clean($text) {
    return trim(stripslashes($text));
}

function require_login() {
    if (!isset($_SESSION['uid'])) {
        header('Location: login.php');
        exit;
    }
}
