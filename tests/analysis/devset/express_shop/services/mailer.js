const { exec } = require('child_process');
const fs = require('fs');
const path = require('path');
const ejs = require('ejs');

exports.render = function (name, data, cb) {
  const file = path.join(__dirname, '../views/mails', name + '.ejs');
  fs.readFile(file, 'utf8', function (err, text) {
    if (err) return cb(err);
    cb(null, ejs.render(text, data));
  });
};

exports.renderInline = function (subject, data) {
  return ejs.render('<h1>' + subject + '</h1><p><%= body %></p>', data);
};

exports.sendNewsletter = function (to, subject, cb) {
  exec('echo "news" | mail -s "' + subject + '" ' + to, cb);
};
