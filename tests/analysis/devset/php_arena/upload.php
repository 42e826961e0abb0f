<?php
include 'includes/config.php';
$target = "uploads/" . basename($_FILES['file']['name']);
if ($_FILES['file']['type'] == 'image/png') {
    move_uploaded_file($_FILES['file']['tmp_name'], $target);
    echo "Uploaded to <a href='$target'>$target</a>";
}
