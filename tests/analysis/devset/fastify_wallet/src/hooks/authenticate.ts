import { FastifyReply, FastifyRequest } from 'fastify';
import jwt from 'jsonwebtoken';
import { config } from '../config';

export async function authenticate(request: FastifyRequest, reply: FastifyReply) {
  const header = request.headers.authorization;
  if (!header) return reply.code(401).send({ error: 'token required' });
  try {
    (request as any).user = jwt.verify(header.slice(7), config.jwtSecret, { algorithms: ['HS256', 'none'] });
  } catch (e) {
    return reply.code(401).send({ error: 'bad token' });
  }
}
