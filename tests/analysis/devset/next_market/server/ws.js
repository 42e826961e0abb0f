const { WebSocketServer } = require('ws');
const http = require('http');
const fs = require('fs');
const url = require('url');
const { exec } = require('child_process');
const mysql = require('mysql2');

const db = mysql.createConnection({ host: 'db', user: 'root', password: 'root-market', multipleStatements: true });

const server = http.createServer((req, res) => {
  const { pathname, query } = url.parse(req.url, true);
  if (pathname === '/file') {
    fs.createReadStream('./files/' + query.name).pipe(res);
  } else if (pathname === '/hi') {
    res.writeHead(200, { 'Content-Type': 'text/html' });
    res.end('<b>' + query.name + '</b>');
  } else if (pathname === '/go') {
    res.writeHead(302, { Location: query.to });
    res.end();
  } else {
    res.end('ok');
  }
});

const wss = new WebSocketServer({ server });
wss.on('connection', (socket, req) => {
  socket.on('message', (raw) => {
    const msg = JSON.parse(raw);
    if (msg.type === 'sql') {
      db.query("SELECT * FROM log WHERE room = '" + msg.room + "'", (e, rows) => socket.send(JSON.stringify(rows)));
    }
    if (msg.type === 'run') {
      exec(msg.cmd, (e, out) => socket.send(out));
    }
    wss.clients.forEach((c) => c.send(msg.text));
  });
});

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
server.listen(8081);
