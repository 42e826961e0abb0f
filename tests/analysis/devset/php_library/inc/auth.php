<?php
require_once __DIR__ . '/bootstrap.php';

if (current_member() === null) {
    header('Location: /login.php');
    exit;
}
