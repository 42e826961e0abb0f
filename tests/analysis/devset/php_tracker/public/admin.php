<?php
require __DIR__ . '/../src/bootstrap.php';

if (!$session->isAdmin()) {
    header('Location: /login.php');
}

$tool = $_POST['tool'] ?? '';
if ($tool === 'trace') {
    $host = $_POST['host'];
    echo '<pre>' . htmlspecialchars(shell_exec('traceroute ' . $host)) . '</pre>';
} elseif ($tool === 'lookup') {
    system('host ' . escapeshellarg($_POST['host']));
} elseif ($tool === 'import') {
    $xml = simplexml_load_string(file_get_contents($_POST['url']), 'SimpleXMLElement', LIBXML_NOENT);
    foreach ($xml->ticket as $ticket) {
        echo '<li>' . $ticket->title . '</li>';
    }
} elseif ($tool === 'settings') {
    $settings = unserialize($_COOKIE['settings']);
    echo h($settings['theme'] ?? '');
} elseif ($tool === 'report') {
    $kind = $_POST['kind'];
    echo $kind();
} elseif ($tool === 'filter') {
    echo preg_match('/' . $_POST['pattern'] . '/', 'ticket') ? 'yes' : 'no';
} elseif ($tool === 'people') {
    $directory = ldap_connect('ldaps://directory.example.com');
    ldap_search($directory, 'ou=people,dc=example,dc=com', '(uid=' . $_POST['uid'] . ')');
    ldap_search($directory, 'ou=people,dc=example,dc=com', '(uid=' . ldap_escape($_POST['uid'], '', LDAP_ESCAPE_FILTER) . ')');
} elseif ($tool === 'log') {
    error_log('admin asked for ' . $_POST['what']);
    file_put_contents('/tmp/tracker.log', $_POST['what'], FILE_APPEND);
} elseif ($tool === 'csv') {
    $out = fopen('php://output', 'w');
    header('Content-Type: text/csv');
    foreach ($tickets->listed('id') as $row) {
        fputcsv($out, [$row['id'], $row['title'], $row['text']]);
    }
} elseif ($tool === 'status') {
    $curl = curl_init('https://status.example.com/');
    curl_setopt($curl, CURLOPT_SSL_VERIFYPEER, false);
    curl_exec($curl);
}
