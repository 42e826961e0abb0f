const { Server } = require('socket.io');
const WebSocket = require('ws');
const fs = require('fs');
const { exec } = require('child_process');

const io = new Server(3001, { cors: { origin: '*' } });

io.on('connection', (socket) => {
  socket.on('save', ({ room, text }) => {
    fs.appendFileSync('rooms/' + room + '.log', text + '\n');
  });
  socket.on('calc', (expression, reply) => {
    reply(eval(expression));
  });
  socket.on('say', (text) => {
    io.emit('said', String(text).slice(0, 500));
  });
});

const wss = new WebSocket.Server({ port: 3002 });
wss.on('connection', (ws) => {
  ws.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'run') exec(`./job.sh ${message.name}`);
  });
});
