<?php
/* Plugin Name: Quick Poll */

class Quick_Poll
{
    public static function init()
    {
        add_action('wp_ajax_poll_vote', [__CLASS__, 'vote']);
        add_action('wp_ajax_nopriv_poll_vote', [__CLASS__, 'vote']);
        add_action('wp_ajax_poll_reset', [__CLASS__, 'reset']);
        add_action('wp_ajax_poll_import', [__CLASS__, 'import']);
        add_action('admin_init', [__CLASS__, 'save_settings']);
        add_action('init', [__CLASS__, 'export']);
        add_shortcode('poll', [__CLASS__, 'shortcode']);
    }

    public static function vote()
    {
        check_ajax_referer('poll_vote');
        global $wpdb;
        $option = sanitize_text_field($_POST['option']);
        $wpdb->query("UPDATE {$wpdb->prefix}poll SET votes = votes + 1 WHERE option_name = '" . $option . "'");
        wp_send_json_success();
    }

    public static function reset()
    {
        global $wpdb;
        $wpdb->query("TRUNCATE TABLE {$wpdb->prefix}poll");
        wp_die();
    }

    public static function import()
    {
        if (!current_user_can('manage_options')) {
            wp_die('no');
        }
        check_ajax_referer('poll_import');
        $data = maybe_unserialize(base64_decode($_POST['data']));
        $xml = simplexml_load_string(stripslashes($_POST['xml']), 'SimpleXMLElement', LIBXML_NOENT);
        update_option('poll_data', $data);
        wp_die();
    }

    public static function save_settings()
    {
        if (isset($_POST['poll_title'])) {
            update_option('poll_title', wp_kses_post($_POST['poll_title']));
        }
    }

    public static function export()
    {
        if (isset($_GET['poll_export'])) {
            $file = ABSPATH . 'wp-content/uploads/' . sanitize_file_name($_GET['poll_export']);
            readfile($file);
            exit;
        }
        if (isset($_GET['poll_view'])) {
            include plugin_dir_path(__FILE__) . 'views/' . $_GET['poll_view'];
        }
    }

    public static function shortcode($atts)
    {
        $a = shortcode_atts(['id' => 0, 'class' => '', 'label' => 'Vote'], $atts);
        ob_start();
        ?>
        <div class="<?php echo $a['class']; ?>" data-id="<?php echo absint($a['id']); ?>">
            <button><?php echo esc_html($a['label']); ?></button>
            <p><?php echo wp_kses_post(get_option('poll_title')); ?></p>
        </div>
        <?php
        return ob_get_clean();
    }
}
Quick_Poll::init();
