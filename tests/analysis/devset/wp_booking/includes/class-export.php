<?php

class WPBook_Export {
    public function init() {
        add_action('admin_init', array($this, 'maybe_download'));
        add_action('init', array($this, 'restore_cart'));
    }

    public function maybe_download() {
        if (!isset($_GET['wpbook_download'])) {
            return;
        }
        $file = WP_CONTENT_DIR . '/wpbook-exports/' . $_GET['wpbook_download'];
        header('Content-Type: text/csv');
        readfile($file);
        exit;
    }

    public function download_checked() {
        if (!current_user_can('export')) {
            wp_die('no');
        }
        $name = sanitize_file_name(basename($_GET['name']));
        readfile(WP_CONTENT_DIR . '/wpbook-exports/' . $name);
        exit;
    }

    public function restore_cart() {
        if (isset($_COOKIE['wpbook_cart'])) {
            $cart = unserialize(base64_decode($_COOKIE['wpbook_cart']));
            $GLOBALS['wpbook_cart'] = $cart;
        }
        if (isset($_COOKIE['wpbook_prefs'])) {
            $GLOBALS['wpbook_prefs'] = json_decode(wp_unslash($_COOKIE['wpbook_prefs']), true);
        }
    }

    public function thumbnail($path, $size) {
        $size = (int) $size;
        exec('convert ' . escapeshellarg($path) . ' -resize ' . $size . ' /tmp/out.png');
    }

    public function archive() {
        check_admin_referer('wpbook_archive');
        $format = $_POST['format'];
        $out = shell_exec("tar c{$format}f /tmp/wpbook.tar " . WP_CONTENT_DIR . '/wpbook-exports');
        return $out;
    }

    public function invite_code() {
        return md5(uniqid(rand(), true));
    }

    public function nonce() {
        return bin2hex(random_bytes(16));
    }
}
