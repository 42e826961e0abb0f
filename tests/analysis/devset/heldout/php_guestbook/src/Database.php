<?php
namespace Guestbook;

class Database
{
    private $pdo;

    public function __construct()
    {
        $this->pdo = new \PDO('sqlite:' . __DIR__ . '/../guestbook.db');
        $this->pdo->setAttribute(\PDO::ATTR_ERRMODE, \PDO::ERRMODE_EXCEPTION);
    }

    public function entries($sort)
    {
        return $this->pdo->query("SELECT * FROM entries ORDER BY $sort")->fetchAll();
    }

    public function search($term)
    {
        $sql = sprintf("SELECT * FROM entries WHERE text LIKE '%%%s%%'", $term);
        return $this->pdo->query($sql)->fetchAll();
    }

    public function find($id)
    {
        $statement = $this->pdo->prepare('SELECT * FROM entries WHERE id = :id');
        $statement->bindValue(':id', $id, \PDO::PARAM_INT);
        $statement->execute();
        return $statement->fetch();
    }

    public function page($number)
    {
        $offset = intval($number) * 20;
        return $this->pdo->query("SELECT * FROM entries LIMIT 20 OFFSET {$offset}")->fetchAll();
    }

    public function add($name, $text)
    {
        $this->pdo->prepare('INSERT INTO entries (name, text) VALUES (?, ?)')->execute([$name, $text]);
    }

    public function remove($id)
    {
        $this->pdo->exec("DELETE FROM entries WHERE id = " . $id);
    }
}
