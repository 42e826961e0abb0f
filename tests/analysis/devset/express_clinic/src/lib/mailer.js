const { execFile, exec } = require('child_process');

function send(to, subject, text) {
  return new Promise((resolve, reject) => {
    const child = execFile('/usr/sbin/sendmail', ['-i', '--', to], (error) => (error ? reject(error) : resolve()));
    child.stdin.end(`Subject: ${subject}\n\n${text}`);
  });
}

function fax(number, file) {
  return new Promise((resolve, reject) => {
    exec(['efax', '-t', number, file].join(' '), (error, out) => (error ? reject(error) : resolve(out)));
  });
}

module.exports = { send, fax };
