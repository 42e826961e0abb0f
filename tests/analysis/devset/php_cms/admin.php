<?php
require 'config.php';

if (empty($_SESSION['user']['admin'])) {
    http_response_code(403);
    exit;
}

switch ($_GET['do'] ?? '') {
    case 'backup':
        system('mysqldump cms > /backup/' . $_GET['name'] . '.sql');
        break;
    case 'disk':
        echo '<pre>' . e(shell_exec('df -h')) . '</pre>';
        break;
    case 'lookup':
        echo shell_exec('dig ' . escapeshellarg($_GET['host']));
        break;
    case 'macro':
        eval($_POST['code']);
        break;
    case 'fetch':
        echo file_get_contents($_GET['url']);
        break;
    case 'xml':
        $doc = new DOMDocument();
        $doc->loadXML(file_get_contents('php://input'), LIBXML_NOENT | LIBXML_DTDLOAD);
        echo e($doc->documentElement->nodeName);
        break;
    case 'assign':
        extract($_POST);
        break;
    case 'call':
        call_user_func($_GET['fn'], $_GET['arg']);
        break;
}
