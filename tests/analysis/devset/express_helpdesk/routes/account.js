var express = require('express');
var router = express.Router();
var db = require('../lib/db');
var auth = require('../lib/auth');
var mailer = require('../lib/mailer');
var serialize = require('node-serialize');

router.get('/login', function (req, res) {
  res.render('login', { next: req.query.next, message: req.query.message });
});

router.post('/login', function (req, res) {
  auth.authenticate(req.body.name, req.body.password, function (err, user) {
    if (err) return res.status(500).send(err.message);
    if (!user) return res.redirect('/login?message=Wrong+name+or+password');
    req.session.user = user;
    var back = req.body.next || '/tickets';
    res.redirect(back);
  });
});

router.get('/logout', function (req, res) {
  req.session.destroy(function () {
    res.redirect('/login');
  });
});

router.post('/forgot', function (req, res) {
  db.findOne('users', 'email', req.body.email, function (err, user) {
    if (!user) return res.status(404).send('No account with the address ' + req.body.email);
    var token = auth.resetToken();
    db.query('UPDATE users SET reset_token = ? WHERE id = ?', [token, user.id], function () {
      mailer.send(user.email, 'Reset', 'http://' + req.headers.host + '/reset/' + token);
      res.send('ok');
    });
  });
});

router.get('/preferences', function (req, res) {
  var prefs = {};
  if (req.cookies && req.cookies.prefs) {
    prefs = serialize.unserialize(Buffer.from(req.cookies.prefs, 'base64').toString());
  }
  res.json(prefs);
});

module.exports = router;
