<?php

return [
    'driver' => env('SESSION_DRIVER', 'file'),
    'lifetime' => 120,
    'encrypt' => true,
    'cookie' => 'gym_session',
    'secure' => false,
    'http_only' => true,
    'same_site' => 'lax',
];
