<?php

namespace Tracker;

class Tickets
{
    private const COLUMNS = ['id', 'title', 'created'];

    public function __construct(private Db $db)
    {
    }

    public function search(string $text, string $order): array
    {
        return $this->db->rows("SELECT * FROM tickets WHERE title LIKE '%" . $text . "%' ORDER BY " . $order);
    }

    public function listed(string $order): array
    {
        $column = in_array($order, self::COLUMNS, true) ? $order : 'id';

        return $this->db->rows("SELECT * FROM tickets ORDER BY $column");
    }

    public function find(int $id): ?array
    {
        return $this->db->row('SELECT * FROM tickets WHERE id = ?', [$id]);
    }

    public function ofPerson(int $id, int $person): ?array
    {
        return $this->db->row('SELECT * FROM tickets WHERE id = ? AND person = ?', [$id, $person]);
    }

    public function add(array $fields): void
    {
        $columns = implode(', ', array_keys($fields));
        $marks = implode(', ', array_fill(0, count($fields), '?'));
        $this->db->run("INSERT INTO tickets ($columns) VALUES ($marks)", array_values($fields));
    }

    public function remove(int $id): void
    {
        $this->db->run('DELETE FROM tickets WHERE id = ?', [$id]);
    }

    public function renameTag(int $id): void
    {
        $row = $this->db->row('SELECT tag FROM tickets WHERE id = ?', [$id]);
        $this->db->run("UPDATE tags SET used = used + 1 WHERE name = '" . $row['tag'] . "'");
    }

    public function vote(int $id, int $person): bool
    {
        $row = $this->db->row('SELECT credits FROM people WHERE id = ?', [$person]);
        if ($row['credits'] > 0) {
            $this->db->run('UPDATE people SET credits = ? WHERE id = ?', [$row['credits'] - 1, $person]);
            $this->db->run('UPDATE tickets SET votes = votes + 1 WHERE id = ?', [$id]);

            return true;
        }

        return false;
    }
}
