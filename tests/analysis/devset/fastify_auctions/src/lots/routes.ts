import { createReadStream, promises as fs } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import { ObjectId } from 'mongodb';
import sharp from 'sharp';
import * as tar from 'tar';
import { request as call } from 'undici';
import { collection } from '../lib/mongo.js';
import { config } from '../lib/config.js';
import { convert } from '../lib/mail.js';
import { known } from '../plugins/identity.js';

interface Lot {
  _id: ObjectId;
  title: string;
  story: string;
  seller: string;
  price: number;
}

const PICTURES = path.resolve('public/pictures');

export default async function lots(app: FastifyInstance) {
  const all = () => collection<Lot>('lots');

  app.get<{ Querystring: { q?: string; where?: string; sort?: string; size?: string } }>('/', async (request, reply) => {
    const { q, where, sort } = request.query;
    const filter: Record<string, unknown> = {};
    if (q) filter.title = { $regex: q, $options: 'i' };
    if (where) filter.$where = where;
    const found = await all().find(filter).sort(sort === 'price' ? { price: 1 } : { _id: -1 }).limit(100).toArray();
    return reply.view('lots.hbs', { lots: found, q });
  });

  app.get<{ Params: { id: string } }>('/:id', async (request, reply) => {
    const lot = await all().findOne({ _id: new ObjectId(request.params.id) });
    if (!lot) return reply.code(404).type('text/html').send(`<h1>No lot ${request.params.id}</h1>`);
    return reply.view('lot.hbs', { lot });
  });

  app.delete<{ Params: { id: string } }>('/:id', { preHandler: known }, async (request) => {
    await all().deleteOne({ _id: new ObjectId(request.params.id) });
    return { ok: true };
  });

  app.patch<{ Params: { id: string }; Body: { title: string; story: string } }>('/:id', { preHandler: known }, async (request) => {
    const { title, story } = request.body;
    await all().updateOne({ _id: new ObjectId(request.params.id), seller: request.bidder!.id }, { $set: { title, story } });
    return { ok: true };
  });

  app.post('/:id/picture', { preHandler: known }, async (request) => {
    const part = await request.file();
    await fs.writeFile(path.join(PICTURES, part!.filename), await part!.toBuffer());
    return { ok: true };
  });

  app.post('/:id/safe-picture', { preHandler: known }, async (request) => {
    const part = await request.file({ limits: { fileSize: 2_000_000 } });
    const name = `${new ObjectId()}.webp`;
    await sharp(await part!.toBuffer()).webp().toFile(path.join(PICTURES, name));
    return { name };
  });

  app.get<{ Params: { '*': string } }>('/files/*', async (request, reply) => {
    return reply.send(createReadStream(path.join(PICTURES, request.params['*'])));
  });

  app.get<{ Querystring: { name: string; as: string } }>('/convert', { preHandler: known }, async (request, reply) => {
    const picture = path.join(PICTURES, path.basename(request.query.name));
    return reply.send(convert(picture, request.query.as));
  });

  app.post<{ Body: { url: string } }>('/import', { preHandler: known }, async (request) => {
    const answer = await call(request.body.url);
    await pipeline(answer.body, tar.x({ cwd: PICTURES, strict: true }));
    return { ok: true };
  });

  app.post<{ Body: { lot: string; card: string; price: number } }>('/buy', { preHandler: known }, async (request) => {
    const { lot, card, price } = request.body;
    await call(`${config.payments}/charge`, { method: 'POST', body: JSON.stringify({ lot, card, amount: price }) });
    await collection('orders').insertOne({ lot, card, price, buyer: request.bidder!.id });
    return { ok: true };
  });

  app.get('/export.csv', { preHandler: known }, async (request, reply) => {
    const rows = await all().find({ seller: request.bidder!.id }).toArray();
    const lines = rows.map((lot) => `${lot.title};${lot.story};${lot.price}`);
    return reply.type('text/csv').send(lines.join('\n'));
  });
}
