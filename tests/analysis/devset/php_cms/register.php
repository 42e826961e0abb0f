<?php
require 'config.php';

$hash = password_hash($_POST['password'], PASSWORD_DEFAULT);
$stmt = db()->prepare('INSERT INTO users (name, password) VALUES (?, ?)');
$stmt->bind_param('ss', $_POST['name'], $hash);
$stmt->execute();
$token = bin2hex(random_bytes(16));
session_regenerate_id(true);
header('Location: index.php');
