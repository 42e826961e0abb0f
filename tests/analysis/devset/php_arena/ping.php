<?php
if (isset($_POST['ip'])) {
    $target = $_REQUEST['ip'];
    $target = str_replace(array('&&' => '', ';' => ''), '', $target);
    $cmd = shell_exec('ping -c 4 ' . $target);
    echo "<pre>{$cmd}</pre>";
}
$out = [];
exec('nslookup ' . escapeshellarg($_POST['host']), $out);
system("dig {$_GET['name']}");
$h = popen("whois " . $_GET['d'], 'r');
echo `uptime {$_GET['flag']}`;
