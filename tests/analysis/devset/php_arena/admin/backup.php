<?php
if ($_COOKIE['admin'] == '1') {
    passthru('mysqldump -u root -parena_root arena > /var/www/html/backup/' . date('Y') . '.sql');
}
setcookie('session_id', uniqid(), time() + 3600, '/');
