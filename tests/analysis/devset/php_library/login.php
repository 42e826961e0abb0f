<?php
require __DIR__ . '/inc/bootstrap.php';
$error = '';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    check_csrf();
    $stmt = $pdo->prepare('SELECT id, role, password_hash FROM members WHERE email = ?');
    $stmt->execute([$_POST['email'] ?? '']);
    $member = $stmt->fetch();
    if (!$member) {
        $error = 'There is no account with this email';
    } elseif (!password_verify($_POST['password'] ?? '', $member['password_hash'])) {
        $error = 'The password is wrong';
    } else {
        $_SESSION['member_id'] = $member['id'];
        $_SESSION['role'] = $member['role'];
        header('Location: /loans.php');
        exit;
    }
}
?>
<form method="post">
  <input type="hidden" name="csrf" value="<?= csrf_token() ?>">
  <p><?= htmlspecialchars($error) ?></p>
  <input name="email"><input name="password" type="password"><button>Log in</button>
</form>
