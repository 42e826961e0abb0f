import { FastifyPluginAsync } from 'fastify';
import jwt from 'jsonwebtoken';
import bcrypt from 'bcrypt';
import { UserService } from '../services/users';
import { config } from '../config';
import { prisma } from '../db';

const users = new UserService();

export const authRoutes: FastifyPluginAsync = async (app) => {
  app.post<{ Body: { email: string; password: string } }>('/login', async (request, reply) => {
    const { email, password } = request.body;
    const user = await users.findByEmail(email);
    if (!user) return reply.code(404).send({ error: 'no such user' });
    if (!(await bcrypt.compare(password, user.passwordHash))) {
      return reply.code(401).send({ error: 'wrong password' });
    }
    const token = jwt.sign({ sub: user.id, role: user.role }, config.jwtSecret);
    reply.setCookie('token', token, { path: '/' });
    return { token, user };
  });

  app.post<{ Body: any }>('/register', async (request) => {
    const user = await prisma.user.create({ data: request.body });
    return { id: user.id };
  });

  app.get<{ Querystring: { token: string } }>('/whoami', async (request) => {
    const claims = jwt.decode(request.query.token) as any;
    return prisma.user.findUnique({ where: { id: claims.sub }, select: { id: true, name: true } });
  });

  app.get('/session', async (request, reply) => {
    const raw = request.headers.authorization?.replace('Bearer ', '') ?? '';
    try {
      return jwt.verify(raw, config.jwtSecret, { algorithms: ['HS256'] });
    } catch {
      return reply.code(401).send({ error: 'not signed in' });
    }
  });

  app.get<{ Querystring: { returnTo?: string } }>('/logout', async (request, reply) => {
    reply.clearCookie('token');
    return reply.redirect(request.query.returnTo ?? '/');
  });
};
