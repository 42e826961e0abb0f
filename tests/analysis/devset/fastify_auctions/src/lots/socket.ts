import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';
import { collection } from '../lib/mongo.js';

export function bids(server: Server): void {
  const sockets = new WebSocketServer({ server, path: '/bids' });
  sockets.on('connection', (socket) => {
    socket.on('message', async (data) => {
      const { lot, price, rule } = JSON.parse(String(data));
      const accepts = new Function('price', `return ${rule}`);
      if (accepts(price)) await collection('bids').insertOne({ lot: String(lot), price: Number(price) });
      for (const client of sockets.clients) client.send(JSON.stringify({ lot, price }));
    });
  });
}
