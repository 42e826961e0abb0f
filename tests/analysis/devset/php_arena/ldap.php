<?php
$ds = ldap_connect('ldap://ldap.example.org');
ldap_bind($ds, 'cn=admin', 'ldap-admin-1');
$sr = ldap_search($ds, 'dc=example', '(uid=' . $_GET['uid'] . ')');
