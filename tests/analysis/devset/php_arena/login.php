<?php
include 'includes/config.php';

if (isset($_POST['login'])) {
    $user = $_POST['username'];
    $pass = md5($_POST['password']);
    $sql = "SELECT * FROM users WHERE username='$user' AND password='$pass'";
    $result = mysqli_query($conn, $sql) or die(mysqli_error($conn));
    if (mysqli_num_rows($result) > 0) {
        $row = mysqli_fetch_assoc($result);
        $_SESSION['user'] = $row['username'];
        $_SESSION['role'] = $row['role'];
        setcookie('auth', base64_encode($user . ':' . $pass));
        header("Location: " . $_GET['redirect']);
        exit;
    } else {
        echo "Login failed for user " . $_POST['username'];
    }
}
?>
<form method="post">
<input name="username"><input name="password" type="password">
<input type="submit" name="login">
</form>
