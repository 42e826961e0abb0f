import { FastifyPluginAsync } from 'fastify';
import axios from 'axios';
import { createHmac, timingSafeEqual } from 'crypto';
import { prisma } from '../db';
import { authenticate } from '../hooks/authenticate';

const SIGNING = process.env.WEBHOOK_SECRET ?? '';

function sign(body: string): string {
  return createHmac('sha256', SIGNING).update(body).digest('hex');
}

export const transferRoutes: FastifyPluginAsync = async (app) => {
  app.post<{ Body: { from: string; to: string; amount: number } }>('/', { preHandler: authenticate }, async (request, reply) => {
    const { from, to, amount } = request.body;
    const account = await prisma.account.findFirst({ where: { id: from, ownerId: (request as any).user.sub } });
    if (!account || account.balance < amount) return reply.code(409).send({ error: 'insufficient funds' });
    await prisma.account.update({ where: { id: from }, data: { balance: account.balance - amount } });
    await prisma.account.update({ where: { id: to }, data: { balance: { increment: amount } } });
    return { ok: true };
  });

  app.post<{ Body: { callback: string; id: string } }>('/notify', { preHandler: authenticate }, async (request) => {
    const answer = await axios.post(request.body.callback, { id: request.body.id });
    return answer.data;
  });

  app.get<{ Querystring: { currency: string } }>('/rate', async (request) => {
    const answer = await axios.get('https://rates.example.com/v1/latest', { params: { base: request.query.currency } });
    return answer.data;
  });

  app.post('/webhook', async (request, reply) => {
    const signature = request.headers['x-signature'] as string;
    if (signature !== sign(JSON.stringify(request.body))) return reply.code(401).send();
    return { ok: true };
  });

  app.post('/webhook/v2', async (request, reply) => {
    const given = Buffer.from(String(request.headers['x-signature']), 'hex');
    const wanted = Buffer.from(sign(JSON.stringify(request.body)), 'hex');
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return reply.code(401).send();
    return { ok: true };
  });

  app.delete<{ Params: { id: string } }>('/:id', async (request) => {
    await prisma.transfer.delete({ where: { id: request.params.id } });
    return { ok: true };
  });
};
