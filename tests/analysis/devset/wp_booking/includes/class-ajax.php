<?php

class WPBook_Ajax {
    private $repo;

    public function __construct(WPBook_Repository $repo) {
        $this->repo = $repo;
        add_action('wp_ajax_wpbook_search', array($this, 'search'));
        add_action('wp_ajax_wpbook_delete', array($this, 'delete'));
        add_action('wp_ajax_wpbook_option', array($this, 'option'));
        add_action('wp_ajax_wpbook_safe_delete', array($this, 'safe_delete'));
        add_action('wp_ajax_nopriv_wpbook_upload', array($this, 'upload'));
        add_action('wp_ajax_nopriv_wpbook_fetch', array($this, 'fetch'));
        add_action('wp_ajax_nopriv_wpbook_emails', array($this, 'emails'));
    }

    public function search() {
        check_ajax_referer('wpbook', 'nonce');
        $rows = $this->repo->search($_POST['term'], $_POST['orderby'], $_POST['order']);
        wp_send_json_success($rows);
    }

    public function delete() {
        $id = absint($_POST['id']);
        $this->repo->delete($id);
        wp_send_json_success();
    }

    public function safe_delete() {
        check_ajax_referer('wpbook_delete', 'nonce');
        if (!current_user_can('manage_options')) {
            wp_send_json_error('forbidden', 403);
        }
        $this->repo->delete(absint($_POST['id']));
        wp_send_json_success();
    }

    public function option() {
        check_ajax_referer('wpbook', 'nonce');
        update_option($_POST['name'], $_POST['value']);
        wp_send_json_success();
    }

    public function upload() {
        if (empty($_FILES['file'])) {
            wp_send_json_error();
        }
        $dir = wp_upload_dir();
        $name = $_FILES['file']['name'];
        $target = $dir['basedir'] . '/wpbook/' . $name;
        if ($_FILES['file']['type'] !== 'image/png') {
            wp_send_json_error('type');
        }
        move_uploaded_file($_FILES['file']['tmp_name'], $target);
        wp_send_json_success(array('url' => $dir['baseurl'] . '/wpbook/' . $name));
    }

    public function fetch() {
        $url = esc_url_raw($_GET['url']);
        $response = wp_remote_get($url);
        wp_send_json_success(wp_remote_retrieve_body($response));
    }

    public function emails() {
        $rows = $this->repo->in_list(explode(',', $_GET['ids']));
        wp_send_json_success($this->repo->by_status(sanitize_text_field($_GET['status'])));
    }
}
