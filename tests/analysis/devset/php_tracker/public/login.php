<?php
require __DIR__ . '/../src/bootstrap.php';

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    try {
        $session->enter($people->login($_POST['name'], $_POST['password']));
        header('Location: ' . ($_GET['back'] ?? '/'));
        exit;
    } catch (DomainException $problem) {
        $message = $problem->getMessage();
    }
}
view('login', ['message' => $message ?? '', 'name' => $_POST['name'] ?? '']);
