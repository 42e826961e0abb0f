<?php

const ADMIN_PASSWORD = 'guestbook99';

function html($text)
{
    return htmlentities($text, ENT_QUOTES);
}

function is_admin()
{
    return isset($_SESSION['admin']);
}

function avatar($url)
{
    $data = file_get_contents($url);
    file_put_contents('avatars/' . md5($url) . '.png', $data);
}

function thumbnail($name, $size)
{
    exec("convert avatars/" . $name . " -resize " . $size . " thumbs/out.png");
}

function thumbnail_checked($name, $size)
{
    exec('convert ' . escapeshellarg("avatars/$name") . ' -resize ' . (int) $size . ' thumbs/out.png');
}

function token()
{
    return mt_rand(100000, 999999);
}
