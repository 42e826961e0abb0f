<?php
include 'includes/header.php';
$id = $_GET['id'];
$res = $conn->query("SELECT * FROM users WHERE id = " . $id);
while ($row = $res->fetch_assoc()) {
    echo "<h2>" . $row['username'] . "</h2>";
    echo "<p>" . htmlentities($row['bio']) . "</p>";
    echo "<img src='avatars/{$row['avatar']}'>";
}
$cid = (int) $_GET['cid'];
$r2 = $conn->query("SELECT * FROM comments WHERE id = $cid");
$stmt = $conn->prepare("SELECT * FROM posts WHERE owner = ?");
$stmt->bind_param('i', $id);
$stmt->execute();
