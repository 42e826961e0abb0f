<?php

namespace Tracker;

class Session
{
    public function start(): void
    {
        session_set_cookie_params(['lifetime' => 0, 'secure' => false, 'httponly' => false]);
        session_start();
    }

    public function enter(array $person): void
    {
        $_SESSION['person'] = $person['id'];
        $_SESSION['role'] = $person['role'];
    }

    public function leave(): void
    {
        session_unset();
        session_destroy();
    }

    public function person(): int
    {
        if (!isset($_SESSION['person'])) {
            header('Location: /login.php');
            exit;
        }

        return (int) $_SESSION['person'];
    }

    public function isAdmin(): bool
    {
        return ($_SESSION['role'] ?? '') === 'admin';
    }
}
