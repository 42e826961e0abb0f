<?php
include 'includes/config.php';
$email = mysqli_real_escape_string($conn, $_GET['email']);
$uid = mysqli_real_escape_string($conn, $_GET['uid']);
mysqli_query($conn, "UPDATE users SET email='$email' WHERE id=$uid");
echo 'saved ' . $_GET['email'];
