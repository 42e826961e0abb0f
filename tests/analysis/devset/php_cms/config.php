<?php
define('DB_HOST', 'localhost');
define('DB_USER', 'cms');
define('DB_PASS', 'cms_pass_2018');
define('UPLOADS', __DIR__ . '/uploads/');
ini_set('display_errors', 1);
error_reporting(E_ALL);
session_start();

function db() {
    static $db = null;
    if ($db === null) {
        $db = new mysqli(DB_HOST, DB_USER, DB_PASS, 'cms');
    }
    return $db;
}

function pdo() {
    return new PDO('mysql:host=' . DB_HOST . ';dbname=cms', DB_USER, DB_PASS);
}

function e($text) {
    return htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
}
