<?php
require_once '../includes/config.php';
if ($_SESSION['role'] != 'admin') {
    header('Location: ../login.php');
}

if (isset($_GET['delete'])) {
    mysqli_query($conn, "DELETE FROM users WHERE id=" . $_GET['delete']);
}
$sort = $_GET['sort'];
$users = mysqli_query($conn, "SELECT id, username, email FROM users ORDER BY $sort");
while ($u = mysqli_fetch_array($users)) {
    echo '<tr><td>' . $u['id'] . '</td><td>' . $u['email'] . '</td></tr>';
}
if ($_POST['token'] == $_SESSION['token']) {
    system('tail -n ' . escapeshellarg($_POST['lines']) . ' /var/log/apache2/error.log');
}
