<?php

class Db
{
    private static ?PDO $pdo = null;

    public static function connect(): PDO
    {
        if (self::$pdo === null) {
            self::$pdo = new PDO('mysql:host=localhost;dbname=club', 'club', 'cl8b-pa55');
        }
        return self::$pdo;
    }

    public static function rows(string $sql, array $params = []): array
    {
        $statement = self::connect()->prepare($sql);
        $statement->execute($params);
        return $statement->fetchAll(PDO::FETCH_ASSOC);
    }

    public static function insert(string $table, array $data): void
    {
        $columns = implode(', ', array_keys($data));
        $marks = implode(', ', array_fill(0, count($data), '?'));
        self::rows("INSERT INTO $table ($columns) VALUES ($marks)", array_values($data));
    }
}
