<?php
session_start();
require 'lib/Db.php';

$action = $_GET['action'] ?? 'list';
extract($_POST);

switch ($action) {
    case 'search':
        $q = $_GET['q'];
        $members = Db::rows("SELECT * FROM members WHERE name LIKE '%$q%'");
        break;
    case 'view':
        $members = Db::rows('SELECT * FROM members WHERE id = ?', [$_GET['id']]);
        break;
    case 'add':
        Db::insert('members', $_POST);
        break;
    case 'ping':
        $host = filter_input(INPUT_GET, 'host');
        system('ping -c 1 ' . escapeshellcmd($host));
        break;
    case 'sort':
        $order = in_array($_GET['sort'] ?? '', ['name', 'joined'], true) ? $_GET['sort'] : 'name';
        $members = Db::rows("SELECT * FROM members ORDER BY $order");
        break;
    case 'lang':
        $lang = str_replace('../', '', $_GET['lang']);
        include "lang/$lang.php";
        break;
    default:
        $page = (int) ($_GET['page'] ?? 1);
        $members = Db::rows('SELECT * FROM members LIMIT 20 OFFSET ' . ($page - 1) * 20);
}
?>
<html>
<body>
<h1>Members <?= $_GET['q'] ?? '' ?></h1>
<?php foreach ($members ?? [] as $member): ?>
  <li><a href="?action=view&id=<?= urlencode($member['id']) ?>"><?= htmlspecialchars($member['name'], ENT_QUOTES) ?></a></li>
  <li class='<?= htmlspecialchars($member['kind']) ?>'><?= $member['bio'] ?></li>
<?php endforeach ?>
<form method="post" action="<?php echo htmlentities($_SERVER['PHP_SELF']); ?>">
  <input name="q">
</form>
</body>
</html>
