<?php
require 'config.php';

$file = $_GET['file'];
if (isset($_GET['safe'])) {
    readfile(UPLOADS . basename($file));
    exit;
}
header('Content-Type: application/octet-stream');
readfile(UPLOADS . $file);
