<?php
/* Plugin Name: Tidy List */
defined('ABSPATH') || exit;

class Tidy_List
{
    private $sortable = array('id', 'title', 'created');

    public function __construct()
    {
        add_action('wp_ajax_tidy_save', array($this, 'save'));
        add_action('wp_ajax_tidy_rows', array($this, 'rows'));
        add_action('admin_post_tidy_export', array($this, 'export'));
        add_shortcode('tidy', array($this, 'shortcode'));
    }

    private function guard($action)
    {
        check_ajax_referer($action, 'nonce');
        if (!current_user_can('edit_posts')) {
            wp_send_json_error(null, 403);
        }
    }

    public function save()
    {
        $this->guard('tidy_save');
        global $wpdb;
        $wpdb->insert($wpdb->prefix . 'tidy', array('title' => sanitize_text_field(wp_unslash($_POST['title']))));
        wp_send_json_success();
    }

    public function rows()
    {
        $this->guard('tidy_rows');
        global $wpdb;
        $orderby = isset($_GET['orderby']) && in_array($_GET['orderby'], $this->sortable, true) ? $_GET['orderby'] : 'id';
        $order = 'desc' === strtolower($_GET['order'] ?? '') ? 'DESC' : 'ASC';
        $ids = array_map('absint', (array) ($_GET['ids'] ?? array()));
        $places = implode(',', array_fill(0, count($ids), '%d'));
        $sql = "SELECT * FROM {$wpdb->prefix}tidy WHERE id IN ($places) ORDER BY {$orderby} {$order}";
        wp_send_json_success($wpdb->get_results($wpdb->prepare($sql, $ids)));
    }

    public function export()
    {
        check_admin_referer('tidy_export');
        if (!current_user_can('manage_options')) {
            wp_die(esc_html__('Not allowed', 'tidy'));
        }
        $format = sanitize_key($_GET['format']);
        update_option('tidy_last_export', time());
        header('Content-Disposition: attachment; filename=export.' . $format);
        echo wp_json_encode(get_option('tidy'));
        exit;
    }

    public function shortcode($atts)
    {
        $atts = shortcode_atts(array('title' => '', 'limit' => 5, 'class' => ''), $atts);
        $limit = min(50, absint($atts['limit']));
        return sprintf('<section class="%s"><h2>%s</h2><ol data-limit="%d"></ol></section>', esc_attr($atts['class']), esc_html($atts['title']), $limit);
    }
}
new Tidy_List();
