<?php
session_start();
$page = $_GET['page'] ?? 'home';
include __DIR__ . '/pages/' . $page . '.php';

$db = new PDO('mysql:host=localhost;dbname=gym', 'gym', getenv('DB_PASSWORD'));
$rows = $db->query("SELECT * FROM news WHERE id = " . (int) $_GET['id']);
foreach ($rows as $row) {
    echo '<h2>', htmlspecialchars($row['title']), '</h2>';
    echo $row['body'];
}
$statement = $db->prepare("UPDATE news SET hits = hits + 1 WHERE slug = '{$_GET['slug']}'");
$statement->execute();

if (isset($_COOKIE['admin']) && $_COOKIE['admin'] == '1') {
    phpinfo();
}
extract($_POST);
header('X-Page: ' . $page);
