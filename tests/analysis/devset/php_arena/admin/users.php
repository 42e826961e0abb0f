<?php
include '../includes/config.php';
if ($_SESSION['role'] != 'admin') {
    header('Location: ../login.php');
}
mysqli_query($conn, 'DELETE FROM users WHERE id=' . intval($_POST['id']));
phpinfo();
