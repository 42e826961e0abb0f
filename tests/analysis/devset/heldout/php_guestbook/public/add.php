<?php
session_start();
require __DIR__ . '/../src/helpers.php';
require __DIR__ . '/../src/Database.php';

$database = new Guestbook\Database();
$database->add($_POST['name'], $_POST['text']);
if (!empty($_POST['avatar'])) {
    avatar($_POST['avatar']);
}
if (isset($_FILES['photo'])) {
    move_uploaded_file($_FILES['photo']['tmp_name'], 'photos/' . $_FILES['photo']['name']);
}
header('Location: ' . $_POST['back']);
