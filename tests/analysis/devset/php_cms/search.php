<?php
require 'config.php';

$q = $_GET['q'];
$safe = mysqli_real_escape_string(db(), $q);
$rows = mysqli_query(db(), "SELECT id, title FROM pages WHERE title LIKE '%" . $safe . "%'");
echo "<h2>Results for " . $q . "</h2>";
while ($row = mysqli_fetch_assoc($rows)) {
    echo '<a href="index.php?id=' . (int) $row['id'] . '">' . e($row['title']) . '</a>';
}
