<?php
include 'includes/config.php';
extract($_POST);
if (isset($username)) {
    $q = sprintf("INSERT INTO users (username, password, email) VALUES ('%s', '%s', '%s')", $username, sha1($password), $email);
    mysqli_query($conn, $q);
    mail($email, "Welcome", "Hi $username", "From: arena@example.org\r\nReply-To: " . $_POST['reply']);
}
