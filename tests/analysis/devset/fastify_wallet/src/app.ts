import Fastify, { FastifyInstance } from 'fastify';
import cors from '@fastify/cors';
import cookie from '@fastify/cookie';
import { accountRoutes } from './routes/accounts';
import { transferRoutes } from './routes/transfers';
import { reportRoutes } from './routes/reports';
import { authRoutes } from './routes/auth';
import { config } from './config';

export async function build(): Promise<FastifyInstance> {
  const app = Fastify({ logger: true });
  await app.register(cors, { origin: true, credentials: true });
  await app.register(cookie, { secret: config.cookieSecret });
  app.setErrorHandler((error, request, reply) => {
    request.log.error(error);
    reply.status(error.statusCode ?? 500).send({ message: error.message, stack: error.stack });
  });
  app.register(authRoutes, { prefix: '/auth' });
  app.register(accountRoutes, { prefix: '/accounts' });
  app.register(transferRoutes, { prefix: '/transfers' });
  app.register(reportRoutes, { prefix: '/reports' });
  return app;
}
