<?php
$lang = $_COOKIE['lang'];
if ($lang == 'de' || $lang == 'en') {
    include 'lang/' . $lang . '.php';
}
$allowed = ['home' => 'home.php', 'faq' => 'faq.php'];
$p = $_GET['p'] ?? 'home';
if (array_key_exists($p, $allowed)) {
    require 'pages/' . $allowed[$p];
}
