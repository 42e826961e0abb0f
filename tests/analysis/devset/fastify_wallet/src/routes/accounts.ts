import { FastifyPluginAsync } from 'fastify';
import { authenticate } from '../hooks/authenticate';
import { knex, prisma, events } from '../db';

export const accountRoutes: FastifyPluginAsync = async (app) => {
  app.addHook('preHandler', authenticate);

  app.get<{ Params: { id: string } }>('/:id', async (request) => {
    return prisma.account.findUnique({ where: { id: request.params.id } });
  });

  app.get<{ Params: { id: string } }>('/:id/balance', async (request) => {
    const user = (request as any).user;
    return prisma.account.findFirst({ where: { id: request.params.id, ownerId: user.sub } });
  });

  app.get<{ Querystring: { sort: string; dir: string } }>('/', async (request) => {
    const { sort, dir } = request.query;
    return knex('accounts')
      .where('owner_id', (request as any).user.sub)
      .orderByRaw(`${sort} ${dir}`);
  });

  app.get<{ Querystring: { name: string } }>('/search', async (request) => {
    return knex('accounts').whereRaw('name ILIKE ?', [`%${request.query.name}%`]);
  });

  app.post<{ Body: any }>('/events', async (request) => {
    return events().find({ kind: request.body.kind, account: request.body.account }).toArray();
  });

  app.post<{ Body: any }>('/events/exact', async (request) => {
    return events().find({ kind: String(request.body.kind) }).toArray();
  });

  app.patch<{ Params: { id: string }; Body: Record<string, unknown> }>('/:id', async (request) => {
    await prisma.account.update({ where: { id: request.params.id }, data: { ...request.body } });
    return { ok: true };
  });
};
