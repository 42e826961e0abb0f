<?php
require __DIR__ . '/../src/bootstrap.php';

$q = $_GET['q'] ?? '';
$found = $tickets->search($q, $_GET['order'] ?? 'id');
view('list', ['tickets' => $found, 'q' => $q]);
