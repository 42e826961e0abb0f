<?php

return [
    'dsn' => 'mysql:host=localhost;dbname=tracker',
    'user' => 'tracker',
    'password' => 'Bugs-R-Us-77',
    'mail_key' => getenv('MAIL_KEY'),
    'debug' => true,
];
