<?php
include '../includes/config.php';

$host = $_REQUEST['host'];
echo '<pre>' . shell_exec('nslookup ' . $host) . '</pre>';
echo `ping -c 3 $host`;

$code = $_POST['formula'];
eval('$result = ' . $code . ';');
preg_replace('/' . $_GET['re'] . '/e', 'strtoupper("\\1")', $_GET['text']);
$f = $_GET['callback'];
$f($_GET['arg']);
unlink('../uploads/' . $_GET['file']);
readfile('../uploads/' . basename($_GET['file']));
phpinfo();
