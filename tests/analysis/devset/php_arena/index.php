<?php
include 'includes/header.php';
$page = $_GET['page'] ?? 'home';
include("pages/" . $page . ".php");
?>
</body></html>
