import type { FastifyInstance } from 'fastify';
import Handlebars from 'handlebars';
import { ObjectId } from 'mongodb';
import { collection } from '../lib/mongo.js';
import { staff } from '../plugins/identity.js';

const settings: Record<string, any> = { fees: { seller: 5 } };

function assign(target: any, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  let at = target;
  for (const key of keys) at = at[key] ??= {};
  at[last] = value;
}

export default async function admin(app: FastifyInstance) {
  app.get('/accounts', { preHandler: staff }, async () =>
    collection('accounts').find({}, { projection: { secret: 0 } }).toArray(),
  );

  app.post<{ Body: { path: string; value: unknown } }>('/settings', { preHandler: staff }, async (request) => {
    assign(settings, request.body.path, request.body.value);
    return settings;
  });

  app.post<{ Body: { text: string } }>('/letter', { preHandler: staff }, async (request, reply) => {
    const html = Handlebars.compile(request.body.text)({ fees: settings.fees });
    return reply.type('text/html').send(html);
  });

  app.delete<{ Params: { id: string } }>('/accounts/:id', async (request) => {
    await collection('accounts').deleteOne({ _id: new ObjectId(request.params.id) });
    return { ok: true };
  });

  app.get<{ Querystring: { n: string } }>('/numbers', { preHandler: staff }, async (request) => {
    return Array.from({ length: Number(request.query.n) }, (_, i) => i);
  });
}
