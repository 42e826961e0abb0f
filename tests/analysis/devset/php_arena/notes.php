<?php
session_start();
$dir = 'data/notes/';
if ($_POST['action'] == 'save') {
    file_put_contents($dir . $_POST['name'], $_POST['content']);
}
if ($_POST['action'] == 'delete') {
    unlink($dir . $_POST['name']);
}
if ($_POST['action'] == 'log') {
    file_put_contents('log.php', $_POST['line'], FILE_APPEND);
}
if ($_GET['show']) {
    highlight_file($_GET['show']);
    $fh = fopen($_GET['show'], 'r');
    echo fread($fh, 4096);
}
echo file_get_contents($_GET['url']);
