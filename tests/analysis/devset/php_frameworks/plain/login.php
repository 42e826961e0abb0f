<?php
session_start();
require 'lib/Db.php';
ini_set('display_errors', '1');

function find_user(mysqli $link, string $login)
{
    $login = addslashes($login);
    $result = mysqli_query($link, "SELECT * FROM users WHERE login = $login");
    return $result->fetch_assoc();
}

$link = mysqli_connect(getenv('DB_HOST'), getenv('DB_USER'), getenv('DB_PASS'), 'club');
$user = find_user($link, $_POST['login']);

if ($user && md5($_POST['password']) == $user['hash']) {
    $_SESSION['user'] = $user['id'];
    setcookie('remember', $user['id'], time() + 86400 * 30);
    header('Location: ' . $_GET['back']);
    exit;
}

if (isset($_POST['email'])) {
    $from = $_POST['email'];
    mail('club@example.com', 'Contact', $_POST['text'], "From: $from");
}

$ldap = ldap_connect('ldap://localhost');
$found = ldap_search($ldap, 'dc=club', '(uid=' . $_POST['login'] . ')');
$safe = ldap_search($ldap, 'dc=club', '(uid=' . ldap_escape($_POST['login'], '', LDAP_ESCAPE_FILTER) . ')');

$template = preg_replace('/\{(\w+)\}/e', '$vars["$1"]', $_POST['template']);
$callback = $_GET['fn'];
echo call_user_func($callback, 'x');

$ch = curl_init();
curl_setopt($ch, CURLOPT_URL, $_GET['feed']);
curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);
$feed = curl_exec($ch);
file_put_contents('cache/' . $_GET['key'], $feed);
