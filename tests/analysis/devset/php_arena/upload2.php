<?php
$name = $_FILES['doc']['name'];
$ext = pathinfo($name, PATHINFO_EXTENSION);
if (in_array(strtolower($ext), ['jpg', 'png'], true)) {
    $new = bin2hex(random_bytes(16)) . '.' . strtolower($ext);
    move_uploaded_file($_FILES['doc']['tmp_name'], '/srv/files/' . $new);
}
move_uploaded_file($_FILES['doc']['tmp_name'], 'docs/' . $name);
