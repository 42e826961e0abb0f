<?php
namespace Core;

class View
{
    public static function render(string $template, array $data = []): void
    {
        extract($data);
        require __DIR__ . '/../app/Views/' . $template . '.php';
    }

    public static function e(?string $text): string
    {
        return htmlspecialchars($text ?? '', ENT_QUOTES, 'UTF-8');
    }
}
