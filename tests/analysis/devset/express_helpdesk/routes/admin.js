var express = require('express');
var router = express.Router();
var exec = require('child_process').exec;
var spawn = require('child_process').spawn;
var db = require('../lib/db');

function isAdmin(req) {
  return req.session.user && req.session.user.role === 'admin';
}

router.get('/users', function (req, res) {
  db.query('SELECT * FROM users', function (err, rows) {
    res.json(rows);
  });
});

router.get('/ping', function (req, res) {
  if (!isAdmin(req)) return res.sendStatus(403);
  exec('ping -c 1 ' + req.query.host, function (err, stdout) {
    res.type('text').send(stdout);
  });
});

router.get('/trace', function (req, res) {
  if (!isAdmin(req)) return res.sendStatus(403);
  var child = spawn('traceroute', ['--', req.query.host]);
  child.stdout.pipe(res);
});

router.post('/backup', function (req, res) {
  if (!isAdmin(req)) return res.sendStatus(403);
  var name = req.body.name;
  spawn('sh', ['-c', 'mysqldump helpdesk > /backup/' + name + '.sql']);
  res.send('started');
});

router.post('/users/:id/delete', function (req, res) {
  if (!isAdmin(req)) return res.sendStatus(403);
  db.query('DELETE FROM users WHERE id = ?', [req.params.id], function () {
    res.redirect('/admin/users');
  });
});

module.exports = router;
