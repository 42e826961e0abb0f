<?php
error_reporting(E_ALL);
ini_set('display_errors', '1');
define('DB_HOST', 'localhost');
define('DB_USER', 'root');
define('DB_PASS', 'arena_root');
$secret = "s3cr3t-arena";

session_start();
$conn = mysqli_connect(DB_HOST, DB_USER, DB_PASS, 'arena');
if (!$conn) {
    die("Connection failed: " . mysqli_connect_error());
}
