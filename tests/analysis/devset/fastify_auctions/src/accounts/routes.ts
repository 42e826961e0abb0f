import argon2 from 'argon2';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { ObjectId } from 'mongodb';
import { collection } from '../lib/mongo.js';
import { issue, known } from '../plugins/identity.js';
import { sendMail } from '../lib/mail.js';

interface Account {
  _id: ObjectId;
  mail: string;
  secret: string;
  level: 'bidder' | 'seller' | 'staff';
  funds: number;
  pin?: string;
}

export default async function accounts(app: FastifyInstance) {
  const people = () => collection<Account>('accounts');

  app.post<{ Body: { mail: string; password: string; back?: string } }>('/login', async (request, reply) => {
    const { mail, password, back } = request.body;
    const account = await people().findOne({ mail });
    if (!account || !(await argon2.verify(account.secret, password))) {
      return reply.code(401).send({ error: 'Mail or password are wrong' });
    }
    reply.setCookie('token', issue({ id: String(account._id), level: account.level }), { path: '/' });
    return reply.redirect(back ?? '/');
  });

  app.post<{ Body: Partial<Account> & { password: string } }>('/', async (request) => {
    const { password, ...rest } = request.body;
    const secret = createHash('sha256').update(password).digest('hex');
    await people().insertOne({ level: 'bidder', funds: 0, ...rest, secret } as Account);
    return { ok: true };
  });

  app.post<{ Body: { mail: string; password: string } }>('/proper', async (request) => {
    const { mail, password } = request.body;
    const secret = await argon2.hash(password);
    await people().insertOne({ _id: new ObjectId(), mail: String(mail), secret, level: 'bidder', funds: 0 });
    return { ok: true };
  });

  app.get<{ Params: { id: string } }>('/:id', { preHandler: known }, async (request) => {
    return people().findOne({ _id: new ObjectId(request.params.id) });
  });

  app.get('/me', { preHandler: known }, async (request) => {
    return people().findOne({ _id: new ObjectId(request.bidder!.id) }, { projection: { secret: 0, pin: 0 } });
  });

  app.post<{ Body: { mail: string } }>('/pin', async (request) => {
    const pin = String(Math.floor(1000 + Math.random() * 9000));
    await people().updateOne({ mail: String(request.body.mail) }, { $set: { pin } });
    request.log.info(`pin ${pin} for ${request.body.mail}`);
    await sendMail(request.body.mail, 'Your pin', `https://${request.hostname}/accounts/reset?pin=${pin}`);
    return { ok: true };
  });

  app.post('/safe-pin', { preHandler: known }, async (request) => {
    const pin = String(randomInt(1000, 10000)).padStart(4, '0');
    await people().updateOne({ _id: new ObjectId(request.bidder!.id) }, { $set: { pin } });
    return { ok: true, reference: randomBytes(8).toString('hex') };
  });

  app.post<{ Body: { to: string; amount: number } }>('/send', { preHandler: known }, async (request, reply) => {
    const { to, amount } = request.body;
    const own = await people().findOne({ _id: new ObjectId(request.bidder!.id) });
    if (!own || own.funds < amount) return reply.code(400).send({ error: 'not enough' });
    await people().updateOne({ _id: own._id }, { $set: { funds: own.funds - amount } });
    await people().updateOne({ _id: new ObjectId(to) }, { $inc: { funds: amount } });
    return { ok: true };
  });
}
