<?php
require 'config.php';

if (!isset($_SESSION['user']) && isset($_COOKIE['remember'])) {
    $_SESSION['user'] = unserialize(base64_decode($_COOKIE['remember']));
}
$settings = json_decode($_COOKIE['settings'] ?? '{}', true);
