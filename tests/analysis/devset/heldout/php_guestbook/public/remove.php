<?php
require __DIR__ . '/../src/Database.php';

(new Guestbook\Database())->remove($_GET['id']);
