import Fastify, { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyJwt from '@fastify/jwt';
import fastifyCookie from '@fastify/cookie';
import { request as undiciRequest } from 'undici';
import got from 'got';
import { createConnection } from 'mysql2/promise';
import { Knex, knex } from 'knex';
import { Sequelize, QueryTypes } from 'sequelize';

const db: Knex = knex({ client: 'mysql2', connection: process.env.DB });
const sequelize = new Sequelize(process.env.DB!);

export async function build(): Promise<FastifyInstance> {
  const app = Fastify({ logger: true });
  await app.register(fastifyJwt, { secret: 'gateway-secret' });
  await app.register(fastifyCookie);

  app.decorate('authenticate', async (request: FastifyRequest) => {
    await request.jwtVerify();
  });

  app.get<{ Querystring: { url: string } }>('/proxy', async (request, reply) => {
    const { url } = request.query;
    const upstream = await undiciRequest(url);
    reply.header('content-type', upstream.headers['content-type']);
    return upstream.body;
  });

  app.get('/mirror/:host/*', async (request, reply) => {
    const { host } = request.params as { host: string };
    const target = `https://${host}/status`;
    const body = await got(target, { followRedirect: false }).text();
    return reply.send({ body });
  });

  app.get('/rates/:currency', async (request) => {
    const { currency } = request.params as { currency: string };
    return got(`https://rates.example.com/v1/${encodeURIComponent(currency)}`).json();
  });

  app.get('/products', async (request) => {
    const { q, sort, page } = request.query as Record<string, string>;
    const rows = db('products').whereRaw(`name like '%${q}%'`);
    rows.orderBy('name').offset(Number(page) * 20).limit(20);
    return rows;
  });

  app.get('/products/ordered', async (request) => {
    const { sort } = request.query as Record<string, string>;
    return db('products').select('*').orderByRaw(sort);
  });

  app.get('/products/safe', async (request) => {
    const { q } = request.query as Record<string, string>;
    return db('products').whereRaw('name like ?', [`%${q}%`]);
  });

  app.get('/stock', async (request) => {
    const { warehouse } = request.query as Record<string, string>;
    const where = warehouse ? `WHERE warehouse = "${warehouse}"` : '';
    return sequelize.query(`SELECT * FROM stock ${where}`, { type: QueryTypes.SELECT });
  });

  app.get('/stock/safe', async (request) => {
    const { warehouse } = request.query as Record<string, string>;
    return sequelize.query('SELECT * FROM stock WHERE warehouse = :warehouse', {
      replacements: { warehouse },
      type: QueryTypes.SELECT,
    });
  });

  app.post('/login', async (request, reply) => {
    const { name, password } = request.body as any;
    const connection = await createConnection(process.env.DB!);
    const [rows] = await connection.query(`SELECT id FROM users WHERE name = ? AND password = sha2('${password}', 256)`, [name]);
    const user = (rows as any[])[0];
    if (!user) return reply.code(401).send();
    const token = app.jwt.sign({ id: user.id });
    reply.setCookie('token', token, { path: '/', httpOnly: true, secure: false });
    return { token };
  });

  app.get('/page', async (request, reply) => {
    const { title = 'Home' } = request.query as Record<string, string>;
    return reply.type('text/html').send('<title>' + title + '</title>');
  });

  app.setErrorHandler((error, request, reply) => {
    request.log.error(error);
    reply.code(500).send({ message: 'internal error' });
  });

  return app;
}
