<?php
session_start();
require __DIR__ . '/../src/helpers.php';
require __DIR__ . '/../src/Database.php';

if (isset($_POST['password'])) {
    if ($_POST['password'] == ADMIN_PASSWORD) {
        $_SESSION['admin'] = true;
    }
}
if (!is_admin()) {
    die('<form method="post"><input name="password" type="password"></form>');
}
$database = new Guestbook\Database();
if (isset($_POST['remove'])) {
    $database->remove($_POST['remove']);
}
if (isset($_GET['log'])) {
    readfile('/var/log/guestbook/' . $_GET['log']);
}
if (isset($_GET['info'])) {
    phpinfo();
}
if (isset($_POST['import'])) {
    $entries = unserialize($_POST['import']);
    foreach ($entries as $entry) {
        $database->add($entry['name'], $entry['text']);
    }
}
if (isset($_POST['xml'])) {
    libxml_disable_entity_loader(false);
    $xml = simplexml_load_string($_POST['xml'], 'SimpleXMLElement', LIBXML_NOENT);
    echo html((string) $xml->name);
}
thumbnail($_GET['name'] ?? 'a.png', $_GET['size'] ?? '100');
