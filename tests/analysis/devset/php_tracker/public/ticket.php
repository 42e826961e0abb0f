<?php
require __DIR__ . '/../src/bootstrap.php';

$person = $session->person();
$action = $_REQUEST['action'] ?? 'show';

switch ($action) {
    case 'show':
        view('ticket', ['ticket' => $tickets->find((int) $_GET['id'])]);
        break;
    case 'mine':
        view('ticket', ['ticket' => $tickets->ofPerson((int) $_GET['id'], $person)]);
        break;
    case 'add':
        $tickets->add($_POST + ['person' => $person]);
        header('Location: /');
        break;
    case 'remove':
        $tickets->remove((int) $_GET['id']);
        header('Location: /');
        break;
    case 'attach':
        $name = $_FILES['file']['name'];
        move_uploaded_file($_FILES['file']['tmp_name'], __DIR__ . '/files/' . $name);
        break;
    case 'picture':
        $kind = (new finfo(FILEINFO_MIME_TYPE))->file($_FILES['file']['tmp_name']);
        if (in_array($kind, ['image/png', 'image/jpeg'], true)) {
            move_uploaded_file($_FILES['file']['tmp_name'], '/var/lib/tracker/' . bin2hex(random_bytes(8)) . '.img');
        }
        break;
    case 'download':
        readfile('/var/lib/tracker/' . $_GET['file']);
        break;
    case 'picture-of':
        readfile('/var/lib/tracker/' . basename($_GET['file']));
        break;
}
