<?php
$key = 'arena-key-123456';
$enc = openssl_encrypt($_POST['card'], 'AES-128-ECB', $key);
$old = mcrypt_encrypt(MCRYPT_DES, $key, $_POST['card'], MCRYPT_MODE_ECB);
$hash = password_hash($_POST['pw'], PASSWORD_DEFAULT);
$iv = random_bytes(16);
$ok = openssl_encrypt($_POST['card'], 'aes-256-gcm', getenv('KEY'), 0, $iv, $tag);
$bad = openssl_encrypt($_POST['card'], 'aes-256-cbc', getenv('KEY'), 0, '1234567890123456');
