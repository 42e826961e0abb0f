<?php
namespace App\Models;

class Article extends Model
{
    protected string $table = 'articles';

    public function latest(int $limit, string $order = 'id'): array
    {
        $sql = 'SELECT * FROM articles ORDER BY ' . $order . ' DESC LIMIT ' . $limit;
        return $this->db->raw($sql)->fetchAll();
    }

    public function search(string $term): array
    {
        return $this->db->query('SELECT * FROM articles WHERE title LIKE :t', ['t' => "%$term%"])->fetchAll();
    }

    public function tagged(array $tags): array
    {
        $in = "'" . implode("','", $tags) . "'";
        return $this->db->raw("SELECT * FROM articles WHERE tag IN ($in)")->fetchAll();
    }

    public function byYear($year): array
    {
        $year = intval($year);
        return $this->db->raw("SELECT * FROM articles WHERE YEAR(created) = $year")->fetchAll();
    }
}
