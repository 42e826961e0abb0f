<?php
namespace App\Models;

use Core\Database;

abstract class Model
{
    protected string $table = '';

    public function __construct(protected Database $db)
    {
    }

    public function find(int $id): ?array
    {
        return $this->db->query("SELECT * FROM {$this->table} WHERE id = ?", [$id])->fetch(\PDO::FETCH_ASSOC) ?: null;
    }

    public function where(string $column, $value): array
    {
        return $this->db->query("SELECT * FROM {$this->table} WHERE {$column} = ?", [$value])->fetchAll();
    }

    public function insert(array $row): void
    {
        $columns = implode(',', array_keys($row));
        $places = implode(',', array_fill(0, count($row), '?'));
        $this->db->query("INSERT INTO {$this->table} ({$columns}) VALUES ({$places})", array_values($row));
    }
}
