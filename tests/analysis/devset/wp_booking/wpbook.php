<?php
/**
 * Plugin Name: WP Book
 * Description: Reservations for small venues
 * Version: 1.4.2
 */
if (!defined('ABSPATH')) {
    exit;
}

define('WPBOOK_DIR', plugin_dir_path(__FILE__));

require_once WPBOOK_DIR . 'includes/class-repository.php';
require_once WPBOOK_DIR . 'includes/class-ajax.php';
require_once WPBOOK_DIR . 'includes/class-export.php';
require_once WPBOOK_DIR . 'admin/class-settings.php';

function wpbook_shortcode($atts, $content = '') {
    $atts = shortcode_atts(array('title' => 'Book', 'color' => '#fff', 'venue' => 0), $atts);
    $html = '<div class="wpbook" style="background:' . esc_attr($atts['color']) . '">';
    $html .= '<h3>' . $atts['title'] . '</h3>';
    $html .= '<input type="hidden" value="' . intval($atts['venue']) . '">';
    return $html . '</div>';
}
add_shortcode('wpbook', 'wpbook_shortcode');

function wpbook_notice() {
    if (isset($_GET['wpbook_msg'])) {
        $msg = sanitize_text_field(wp_unslash($_GET['wpbook_msg']));
        echo '<div class="notice"><p>' . esc_html($msg) . '</p></div>';
    }
    if (!empty($_REQUEST['wpbook_tab'])) {
        $tab = stripslashes($_REQUEST['wpbook_tab']);
        echo "<a class='tab' href='?page=wpbook&tab={$tab}'>Back</a>";
    }
}
add_action('admin_notices', 'wpbook_notice');

function wpbook_template() {
    $view = isset($_GET['view']) ? $_GET['view'] : 'list';
    include WPBOOK_DIR . 'templates/' . $view . '.php';
}
add_action('wpbook_render', 'wpbook_template');

function wpbook_redirect() {
    if (isset($_GET['wpbook_go'])) {
        wp_redirect($_GET['wpbook_go']);
        exit;
    }
    if (isset($_GET['wpbook_safe_go'])) {
        wp_safe_redirect(esc_url_raw($_GET['wpbook_safe_go']));
        exit;
    }
}
add_action('template_redirect', 'wpbook_redirect');
