<?php
require_once __DIR__ . '/auth.php';

if (($_SESSION['role'] ?? '') !== 'staff') {
    http_response_code(403);
    exit('staff only');
}
