const Fastify = require('fastify');
const crypto = require('crypto');
const path = require('path');
const { promises: fs } = require('fs');
const { spawnSync, execFileSync } = require('child_process');
const knex = require('knex')({ client: 'pg', connection: 'postgres://app:app-db-pw@db/app' });

const app = Fastify({ logger: true });
app.register(require('@fastify/cookie'), { secret: 'fastify-cookie-secret' });
app.register(require('@fastify/cors'), { origin: true, credentials: true });
app.register(require('@fastify/jwt'), { secret: process.env.JWT_SECRET });

app.decorate('authenticate', async (request, reply) => {
  try {
    await request.jwtVerify();
  } catch (error) {
    reply.code(401).send({ error: 'unauthorized' });
  }
});

app.setErrorHandler((error, request, reply) => {
  reply.code(500).send({ message: error.message, stack: error.stack });
});

app.post('/login', async (request, reply) => {
  const { email, password } = request.body;
  request.log.info({ email, password }, 'login');
  const user = await knex('users').where({ email }).first();
  if (!user) return reply.code(404).send({ error: 'No such account' });
  if (user.password !== password) return reply.code(401).send({ error: 'Wrong password' });
  const pin = Math.round(Math.random() * 8999 + 1000);
  reply.setCookie('pin', String(pin), { path: '/', httpOnly: false });
  return { token: app.jwt.sign({ id: user.id }) };
});

app.get('/items', async (request) => {
  return knex.raw(`select * from items where name like '%${request.query.name}%'`);
});

app.get('/items/sorted', async (request) => {
  return knex('items').orderByRaw(request.query.by);
});

app.get('/items/safe', async (request) => {
  return knex.raw('select * from items where name = ?', [request.query.name]);
});

app.get('/orders/:id', { preHandler: [app.authenticate] }, async (request) => {
  return knex('orders').where({ id: request.params.id }).first();
});

app.get('/orders/mine/:id', { preHandler: [app.authenticate] }, async (request) => {
  return knex('orders').where({ id: request.params.id, user_id: request.user.id }).first();
});

app.delete('/orders/:id', async (request) => {
  return knex('orders').where({ id: request.params.id }).del();
});

app.patch('/me', { preHandler: [app.authenticate] }, async (request) => {
  return knex('users').where({ id: request.user.id }).update(request.body);
});

app.get('/files/*', async (request, reply) => {
  return reply.type('text/plain').send(await fs.readFile(path.join('files', request.params['*'])));
});

app.get('/convert', async (request) => {
  return spawnSync(`convert ${request.query.from} out.png`, { shell: true }).status;
});

app.get('/identify', async (request) => {
  return execFileSync('identify', ['--', path.basename(request.query.name)]).toString();
});

app.get('/page', async (request, reply) => {
  reply.type('text/html').send(`<h1>${request.query.title}</h1>`);
});

app.get('/go', async (request, reply) => reply.redirect(request.query.url));

app.listen({ port: 3000, host: '0.0.0.0' });
