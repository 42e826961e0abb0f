<?php
$prefs = unserialize(base64_decode($_COOKIE['prefs']));
$safe = json_decode($_COOKIE['prefs2'], true);
$opt = unserialize($_COOKIE['opt'], ['allowed_classes' => false]);
class Logger {
    public $file; public $data;
    function __destruct() {
        file_put_contents($this->file, $this->data);
    }
}
