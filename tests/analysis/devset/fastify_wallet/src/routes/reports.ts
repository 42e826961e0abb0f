import { FastifyPluginAsync } from 'fastify';
import { promises as fs, createReadStream } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import Handlebars from 'handlebars';
import { authenticate } from '../hooks/authenticate';

const run = promisify(exec);
const ROOT = resolve('/srv/reports');

export const reportRoutes: FastifyPluginAsync = async (app) => {
  app.addHook('onRequest', authenticate);

  app.get<{ Params: { '*': string } }>('/raw/*', async (request, reply) => {
    const file = join(ROOT, request.params['*']);
    return reply.send(createReadStream(file));
  });

  app.get<{ Params: { '*': string } }>('/checked/*', async (request, reply) => {
    const file = resolve(ROOT, request.params['*']);
    if (!file.startsWith(ROOT + sep)) return reply.code(400).send();
    return reply.send(createReadStream(file));
  });

  app.post<{ Body: { month: string; format: string } }>('/', async (request) => {
    const { month, format } = request.body;
    const { stdout } = await run(`report-gen --month ${month} --format ${format}`);
    return { stdout };
  });

  app.post<{ Body: { template: string; data: object } }>('/render', async (request, reply) => {
    const html = Handlebars.compile(request.body.template)(request.body.data);
    return reply.type('text/html').send(html);
  });

  app.put<{ Params: { name: string }; Body: string }>('/templates/:name', async (request) => {
    await fs.writeFile(`/srv/templates/${request.params.name}.hbs`, request.body);
    return { ok: true };
  });

  app.get<{ Querystring: { pattern: string; in: string } }>('/grep', async (request) => {
    return { found: new RegExp(request.query.pattern).test(request.query.in) };
  });

  app.get<{ Querystring: { title: string } }>('/cover', async (request, reply) => {
    reply.header('content-type', 'text/html');
    return `<html><body><h1>${request.query.title}</h1></body></html>`;
  });
};
