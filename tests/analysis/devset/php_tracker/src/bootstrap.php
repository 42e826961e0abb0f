<?php

ini_set('display_errors', '1');
error_reporting(E_ALL);

spl_autoload_register(function (string $class): void {
    $file = __DIR__ . '/' . str_replace(['Tracker\\', '\\'], ['', '/'], $class) . '.php';
    if (is_file($file)) {
        require $file;
    }
});

$config = require __DIR__ . '/../config/config.php';
$db = new Tracker\Db($config);
$tickets = new Tracker\Tickets($db);
$people = new Tracker\People($db);
$session = new Tracker\Session();
$session->start();

function view(string $name, array $values = []): void
{
    extract($values);
    require __DIR__ . '/../views/' . $name . '.php';
}

function h(?string $text): string
{
    return htmlspecialchars($text ?? '', ENT_QUOTES);
}
