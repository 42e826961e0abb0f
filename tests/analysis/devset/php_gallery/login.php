<?php
require_once 'includes/config.php';

$error = '';
if ($_SERVER['REQUEST_METHOD'] == 'POST') {
    $user = clean($_POST['username']);
    $pass = md5($_POST['password']);
    $sql = "SELECT * FROM users WHERE username='$user' AND password='$pass'";
    $result = mysqli_query($conn, $sql) or die(mysqli_error($conn));
    if (mysqli_num_rows($result) == 1) {
        $row = mysqli_fetch_assoc($result);
        $_SESSION['uid'] = $row['id'];
        $_SESSION['role'] = $row['role'];
        if (isset($_POST['remember'])) {
            setcookie('remember', base64_encode($row['id'] . ':' . $row['password']), time() + 86400 * 30);
        }
        header('Location: ' . $_GET['return']);
        exit;
    }
    $error = "Unknown user $user";
}
?>
<html>
<body>
<?php if ($error) { echo "<div class='error'>$error</div>"; } ?>
<form method="post" action="<?php echo $_SERVER['PHP_SELF']; ?>">
  <input name="username" value="<?= e($_POST['username'] ?? '') ?>">
  <input name="password" type="password">
  <input type="submit">
</form>
</body>
</html>
