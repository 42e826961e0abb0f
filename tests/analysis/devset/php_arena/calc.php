<?php
$expr = $_GET['expr'];
eval('$result = ' . $expr . ';');
assert($_GET['check']);
$fn = $_GET['fn'];
echo $fn($_GET['arg']);
echo call_user_func($_GET['cb'], 'x');
usort($rows, create_function('$a,$b', 'return ' . $_GET['cmp'] . ';'));
echo preg_replace('/' . $_GET['pat'] . '/e', 'strtoupper("\\1")', 'text');
$obj = new $_GET['class']($_GET['arg']);
$$_GET['name'] = $_GET['value'];
parse_str($_SERVER['QUERY_STRING']);
