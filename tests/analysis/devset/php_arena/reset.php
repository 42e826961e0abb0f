<?php
include 'includes/config.php';
$token = md5(time() . $_POST['email']);
$code = rand(100000, 999999);
$link = "http://" . $_SERVER['HTTP_HOST'] . "/reset.php?t=$token";
mail($_POST['email'], 'Reset', $link);
if ($_POST['code'] == $_SESSION['code']) {
    $ok = true;
}
if (strcmp($_POST['pw'], $secret) == 0) {
    $admin = true;
}
if (md5($_POST['key']) == '0e462097431906509019562988736854') {
    $admin = true;
}
