<?php
require 'config.php';

$stmt = pdo()->prepare('DELETE FROM pages WHERE id = :id');
$stmt->execute(['id' => $_POST['id']]);
header('Location: index.php');
