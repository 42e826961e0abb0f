<?php

namespace App\Services;

use Illuminate\Support\Facades\Http;

class Exporter
{
    private string $key = 'n0tes-exp0rt-k3y-2023';

    public function pdf(string $name, string $options): string
    {
        $target = '/tmp/' . $name . '.pdf';
        exec("wkhtmltopdf $options http://localhost/print/$name $target");

        return $target;
    }

    public function seal(string $text): string
    {
        return openssl_encrypt($text, 'aes-128-cbc', $this->key, 0, '1234567890123456');
    }

    public function fetch(string $address): string
    {
        return Http::get($address)->body();
    }

    public function fetchKnown(string $slug): string
    {
        return Http::get('https://import.example.com/' . rawurlencode($slug))->body();
    }
}
