import Fastify from 'fastify';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import multipart from '@fastify/multipart';
import fastifyStatic from '@fastify/static';
import view from '@fastify/view';
import Handlebars from 'handlebars';
import path from 'node:path';
import { connect } from './lib/mongo.js';
import { config } from './lib/config.js';
import identity from './plugins/identity.js';
import lots from './lots/routes.js';
import accounts from './accounts/routes.js';
import admin from './admin/routes.js';
import { bids } from './lots/socket.js';

export async function build() {
  const app = Fastify({ logger: true, trustProxy: true, bodyLimit: 1024 * 1024 * 1024 });
  await app.register(cookie, { secret: config.cookieSecret });
  await app.register(cors, { origin: true, credentials: true });
  await app.register(multipart);
  await app.register(fastifyStatic, { root: path.resolve('public'), prefix: '/public/' });
  await app.register(view, { engine: { handlebars: Handlebars }, root: 'views' });
  await app.register(identity);

  app.setErrorHandler((error, request, reply) => {
    request.log.error(error);
    reply.code(500).send({ message: error.message, trace: error.stack });
  });

  await app.register(accounts, { prefix: '/accounts' });
  await app.register(lots, { prefix: '/lots' });
  await app.register(admin, { prefix: '/admin' });
  bids(app.server);
  return app;
}

const app = await build();
await connect(config.mongo);
await app.listen({ port: config.port, host: '0.0.0.0' });
