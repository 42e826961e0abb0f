<?php
namespace Core;

class Request
{
    public function input(string $key, $default = null)
    {
        return $_POST[$key] ?? $_GET[$key] ?? $default;
    }

    public function integer(string $key): int
    {
        return (int) $this->input($key, 0);
    }

    public function all(): array
    {
        return array_merge($_GET, $_POST);
    }

    public function header(string $name): ?string
    {
        return $_SERVER['HTTP_' . strtoupper(str_replace('-', '_', $name))] ?? null;
    }
}
