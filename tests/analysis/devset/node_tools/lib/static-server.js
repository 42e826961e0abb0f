const http = require('http');
const fs = require('fs');
const path = require('path');
const url = require('url');

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

function createServer(root, options) {
  options = options || {};
  return http.createServer(function (req, res) {
    const pathname = decodeURIComponent(url.parse(req.url).pathname);
    let file = path.join(root, pathname);
    fs.stat(file, function (err, stats) {
      if (err) {
        res.writeHead(404, { 'Content-Type': 'text/html' });
        res.end('<h1>Not found: ' + pathname + '</h1>');
        return;
      }
      if (stats.isDirectory()) {
        if (!pathname.endsWith('/')) {
          res.writeHead(302, { Location: pathname + '/' });
          return res.end();
        }
        file = path.join(file, 'index.html');
      }
      res.writeHead(200, { 'Content-Type': TYPES[path.extname(file)] || 'application/octet-stream' });
      fs.createReadStream(file).pipe(res);
    });
  });
}

function createSafeServer(root) {
  const base = path.resolve(root);
  return http.createServer(function (req, res) {
    const pathname = decodeURIComponent(new URL(req.url, 'http://localhost').pathname);
    const file = path.resolve(base, '.' + pathname);
    const relative = path.relative(base, file);
    if (relative.startsWith('..') || path.isAbsolute(relative)) {
      res.statusCode = 403;
      return res.end('Forbidden');
    }
    fs.createReadStream(file)
      .on('error', () => { res.statusCode = 404; res.end(); })
      .pipe(res);
  });
}

module.exports = { createServer, createSafeServer };
