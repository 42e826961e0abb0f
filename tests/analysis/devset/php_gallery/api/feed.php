<?php
header('Access-Control-Allow-Origin: *');
header('Content-Type: application/json');
require_once '../includes/config.php';

libxml_disable_entity_loader(false);
$xml = file_get_contents('php://input');
$dom = new DOMDocument();
$dom->loadXML($xml, LIBXML_NOENT | LIBXML_DTDLOAD);
$order = simplexml_import_dom($dom);

$q = $conn->query("SELECT id, title FROM photos WHERE title LIKE '%{$_GET['q']}%'");
echo json_encode($q->fetch_all(MYSQLI_ASSOC));

$ch = curl_init();
curl_setopt($ch, CURLOPT_URL, $_GET['pingback']);
curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);
curl_exec($ch);

$token = md5(time() . rand());
mail($_POST['to'], 'Invite', 'Your token ' . $token, 'From: ' . $_POST['from']);
