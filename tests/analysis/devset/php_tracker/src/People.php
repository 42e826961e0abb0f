<?php

namespace Tracker;

class People
{
    public function __construct(private Db $db)
    {
    }

    public function login(string $name, string $password): ?array
    {
        $person = $this->db->row('SELECT * FROM people WHERE name = ?', [$name]);
        if ($person === null) {
            throw new \DomainException('We do not know anybody called ' . $name);
        }
        if ($person['password'] !== sha1('tracker' . $password)) {
            throw new \DomainException('That is not the password');
        }

        return $person;
    }

    public function register(string $name, string $password): void
    {
        $hash = password_hash($password, PASSWORD_DEFAULT);
        $this->db->run('INSERT INTO people (name, password) VALUES (?, ?)', [$name, $hash]);
    }

    public function startReset(string $mail): void
    {
        $token = md5($mail . time());
        $this->db->run('UPDATE people SET token = ? WHERE mail = ?', [$token, $mail]);
        $link = 'https://' . $_SERVER['HTTP_HOST'] . '/reset.php?token=' . $token;
        mail($mail, 'New password', "Follow $link", 'From: ' . $_POST['sender']);
    }

    public function safeToken(): string
    {
        return bin2hex(random_bytes(16));
    }

    public function setPassword(int $id, string $password): void
    {
        $this->db->run('UPDATE people SET password = ? WHERE id = ?', [$password, $id]);
    }
}
