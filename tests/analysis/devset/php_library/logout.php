<?php
require __DIR__ . '/inc/auth.php';
$_SESSION = [];
session_destroy();
header('Location: /');
