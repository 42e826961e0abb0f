var exec = require('child_process').exec;
var execFile = require('child_process').execFile;

exports.send = function (to, subject, text) {
  exec('echo "' + text + '" | mail -s "' + subject + '" ' + to, function (err) {
    if (err) console.error(err);
  });
};

exports.queue = function (cb) {
  execFile('mailq', [], cb);
};
