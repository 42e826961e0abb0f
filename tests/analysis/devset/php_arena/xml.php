<?php
libxml_disable_entity_loader(false);
$dom = new DOMDocument();
$dom->loadXML(file_get_contents('php://input'), LIBXML_NOENT | LIBXML_DTDLOAD);
$s = simplexml_load_string($_POST['xml']);
$users = simplexml_load_file('users.xml');
$hit = $users->xpath("//user[name='" . $_POST['name'] . "']");
