<?php

class WPBook_Repository {
    private $wpdb;
    private $table;

    public function __construct() {
        global $wpdb;
        $this->wpdb = $wpdb;
        $this->table = $wpdb->prefix . 'wpbook_reservations';
    }

    public function find($id) {
        return $this->wpdb->get_row($this->wpdb->prepare("SELECT * FROM {$this->table} WHERE id = %d", $id));
    }

    public function search($term, $orderby = 'id', $order = 'ASC') {
        $like = '%' . $this->wpdb->esc_like($term) . '%';
        $sql = $this->wpdb->prepare("SELECT * FROM {$this->table} WHERE name LIKE %s", $like);
        $sql .= " ORDER BY $orderby $order";
        return $this->wpdb->get_results($sql);
    }

    public function by_status($status) {
        $status = esc_sql($status);
        return $this->wpdb->get_results("SELECT * FROM {$this->table} WHERE status = $status");
    }

    public function by_ids($ids) {
        $ids = array_map('intval', (array) $ids);
        $in = implode(',', $ids);
        return $this->wpdb->get_results("SELECT * FROM {$this->table} WHERE id IN ($in)");
    }

    public function in_list($ids) {
        $in = implode(',', $ids);
        return $this->wpdb->get_col("SELECT email FROM {$this->table} WHERE id IN ($in)");
    }

    public function delete($id) {
        return $this->wpdb->delete($this->table, array('id' => $id), array('%d'));
    }

    public function sorted($orderby) {
        $allowed = array('id', 'name', 'created');
        if (!in_array($orderby, $allowed, true)) {
            $orderby = 'id';
        }
        return $this->wpdb->get_results("SELECT * FROM {$this->table} ORDER BY $orderby");
    }
}
