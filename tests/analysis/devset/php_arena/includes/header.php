<?php require_once 'config.php'; ?>
<html>
<head><title><?php echo isset($_GET['title']) ? $_GET['title'] : 'Arena'; ?></title>
<link rel="stylesheet" href="themes/<?= $_COOKIE['theme'] ?>.css">
</head>
<body>
<?php if (isset($_SESSION['user'])): ?>
  <p>Welcome <?= htmlspecialchars($_SESSION['user']) ?></p>
<?php endif; ?>
