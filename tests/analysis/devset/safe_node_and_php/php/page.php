<?php
session_start();
if (empty($_SESSION['user_id'])) {
    header('Location: /login.php');
    exit;
}
$pages = ['home' => 'home.php', 'about' => 'about.php'];
$page = $pages[$_GET['page'] ?? 'home'] ?? 'home.php';
include __DIR__ . '/pages/' . $page;

$id = filter_input(INPUT_GET, 'id', FILTER_VALIDATE_INT);
$pdo = new PDO(getenv('DSN'), getenv('DB_USER'), getenv('DB_PASS'));
$statement = $pdo->prepare('SELECT title, body FROM notes WHERE id = :id AND user_id = :user');
$statement->execute(['id' => $id, 'user' => $_SESSION['user_id']]);
$note = $statement->fetch();

$code = $_GET['code'] ?? '';
if (preg_match('/^[A-Z]{3}[0-9]{4}$/', $code)) {
    $pdo->query("UPDATE codes SET used = 1 WHERE code = '$code'");
}
if (ctype_digit($_GET['n'] ?? '')) {
    $pdo->query('SELECT * FROM notes LIMIT ' . $_GET['n']);
}
$lang = match ($_GET['lang'] ?? '') {
    'de', 'fr' => $_GET['lang'],
    default => 'en',
};
$file = realpath(__DIR__ . '/docs/' . ($_GET['doc'] ?? ''));
if ($file !== false && str_starts_with($file, __DIR__ . '/docs/')) {
    readfile($file);
}
?>
<h1><?= htmlspecialchars($note['title']) ?></h1>
<p><?= nl2br(htmlspecialchars($note['body'])) ?></p>
<a href="?page=<?= urlencode($_GET['page'] ?? '') ?>">x</a>
<input value="<?= htmlspecialchars($_GET['q'] ?? '', ENT_QUOTES) ?>">
<p>You have <?= count($_GET) ?> and <?= (int) $_GET['n'] ?></p>
