var crypto = require('crypto');
var db = require('./db');

exports.hash = function (password) {
  return crypto.createHash('md5').update(password).digest('hex');
};

exports.requireLogin = function (req, res, next) {
  if (!req.session.user) return res.redirect('/login');
  next();
};

exports.authenticate = function (name, password, cb) {
  var sql = "SELECT id, name, role FROM users WHERE name = '" + name + "' AND password = '" + exports.hash(password) + "'";
  db.query(sql, function (err, rows) {
    if (err) return cb(err);
    cb(null, rows[0]);
  });
};

exports.resetToken = function () {
  return Math.random().toString(36).substring(2);
};
