<?php

function reset_token() {
    return md5(uniqid(rand(), true));
}

function curl($url) {
    $handle = curl_init('https://api.example.org/' . rawurlencode($url));
    curl_setopt($handle, CURLOPT_SSL_VERIFYPEER, false);
    curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
    return curl_exec($handle);
}

function encrypt($data) {
    return openssl_encrypt($data, 'des-ecb', 'k3y-k3y!');
}
