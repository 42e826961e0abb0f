<?php

class WPBook_Settings {
    public function __construct() {
        add_action('admin_menu', array($this, 'menu'));
        add_action('admin_post_wpbook_save', array($this, 'save'));
        add_action('rest_api_init', array($this, 'routes'));
    }

    public function menu() {
        add_menu_page('WP Book', 'WP Book', 'manage_options', 'wpbook', array($this, 'page'));
    }

    public function routes() {
        register_rest_route('wpbook/v1', '/settings', array(
            'methods' => 'POST',
            'callback' => array($this, 'rest_save'),
            'permission_callback' => '__return_true',
        ));
        register_rest_route('wpbook/v1', '/venues', array(
            'methods' => 'GET',
            'callback' => array($this, 'rest_venues'),
            'permission_callback' => function () { return current_user_can('read'); },
        ));
    }

    public function rest_save(WP_REST_Request $request) {
        update_option('wpbook_settings', $request->get_params());
        return rest_ensure_response(array('ok' => true));
    }

    public function rest_venues($request) {
        global $wpdb;
        $city = $request->get_param('city');
        $rows = $wpdb->get_results("SELECT * FROM {$wpdb->prefix}wpbook_venues WHERE city = '" . $city . "'");
        return rest_ensure_response($rows);
    }

    public function save() {
        if (!current_user_can('manage_options')) {
            wp_die('forbidden');
        }
        update_option('wpbook_title', sanitize_text_field($_POST['title']));
        wp_safe_redirect(admin_url('admin.php?page=wpbook'));
        exit;
    }

    public function page() {
        $title = get_option('wpbook_title');
        ?>
        <form method="post" action="<?php echo esc_url(admin_url('admin-post.php')); ?>">
            <?php wp_nonce_field('wpbook_save'); ?>
            <input name="title" value="<?php echo esc_attr($title); ?>">
            <p>Search: <?php echo $_GET['s']; ?></p>
            <p>Page: <?= (int) $_GET['paged'] ?></p>
            <p>Tab: <?php echo esc_html($_GET['tab']); ?></p>
        </form>
        <?php
    }
}
