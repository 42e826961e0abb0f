<?php
require_once 'includes/config.php';

$page = isset($_GET['page']) ? $_GET['page'] : 'home';
include 'pages/' . $page . '.php';

$lang = $_COOKIE['lang'];
$langs = array('en', 'de', 'fr');
if (in_array($lang, $langs, true)) {
    include "lang/$lang.php";
}

$prefs = unserialize($_COOKIE['prefs']);
foreach ($_GET as $key => $value) {
    $$key = $value;
}
extract($_POST);
