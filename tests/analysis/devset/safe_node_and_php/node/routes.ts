import { Router, Request, Response, NextFunction } from 'express';
import rateLimit from 'express-rate-limit';
import helmet from 'helmet';
import bcrypt from 'bcrypt';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import multer from 'multer';
import jwt from 'jsonwebtoken';
import { ProjectRepository } from './repository';
import { ProjectInput, allowedUrl, escapeHtml, newToken, resolveInside, safeNext, sameToken } from './lib';

const FILES = path.resolve('files');
const FORMATS: Record<string, string> = { pdf: 'application/pdf', csv: 'text/csv' };
const upload = multer({
  storage: multer.memoryStorage(),
  limits: { fileSize: 1_000_000 },
  fileFilter: (_req, file, done) => done(null, ['image/png', 'image/jpeg'].includes(file.mimetype)),
});
const limiter = rateLimit({ windowMs: 60_000, max: 10 });

export interface Authed extends Request {
  user: { id: string; role: string };
}

function authenticate(req: Request, res: Response, next: NextFunction) {
  const token = req.get('authorization')?.slice(7) ?? '';
  try {
    (req as Authed).user = jwt.verify(token, process.env.JWT_SECRET!, { algorithms: ['HS256'] }) as Authed['user'];
    next();
  } catch {
    res.sendStatus(401);
  }
}

const requireAdmin = (req: Request, res: Response, next: NextFunction) =>
  (req as Authed).user.role === 'admin' ? next() : res.sendStatus(403);

export function routes(projects: ProjectRepository, users: any): Router {
  const router = Router();
  router.use(helmet());

  router.post('/login', limiter, async (req, res) => {
    const user = await users.findByEmail(String(req.body.email));
    const ok = user !== null && (await bcrypt.compare(String(req.body.password), user.hash));
    if (!ok) return res.status(401).json({ error: 'wrong email or password' });
    const token = jwt.sign({ id: user.id, role: user.role }, process.env.JWT_SECRET!, { expiresIn: '1h' });
    res.cookie('session', token, { httpOnly: true, secure: true, sameSite: 'strict' });
    res.redirect(safeNext(req.query.next));
  });

  router.use(authenticate);

  router.get('/projects', async (req, res) => {
    const { sort = 'name', direction = 'asc', page = '0' } = req.query as Record<string, string>;
    res.json(await projects.list((req as Authed).user.id, sort, direction, page));
  });

  router.get('/projects/search', async (req, res) => {
    res.json(await projects.search((req as Authed).user.id, req.query as Record<string, string>));
  });

  router.get('/projects/:id', async (req, res) => {
    const project = await projects.find((req as Authed).user.id, req.params.id);
    if (!project) return res.sendStatus(404);
    res.json(project);
  });

  router.patch('/projects/:id', async (req, res) => {
    const changes = ProjectInput.partial().parse(req.body);
    await projects.update((req as Authed).user.id, req.params.id, changes);
    res.sendStatus(204);
  });

  router.get('/files/:name', (req, res) => {
    const file = resolveInside(FILES, req.params.name);
    fs.createReadStream(file).pipe(res);
  });

  router.get('/export/:format', (req, res) => {
    const type = FORMATS[req.params.format];
    if (!type) return res.sendStatus(404);
    res.type(type).send(fs.readFileSync(path.join(FILES, `export.${req.params.format}`)));
  });

  router.get('/image', async (req, res) => {
    const url = allowedUrl(String(req.query.url));
    const upstream = await fetch(url);
    res.type('image/png').send(Buffer.from(await upstream.arrayBuffer()));
  });

  router.get('/hello', (req, res) => {
    res.send(`<h1>Hello ${escapeHtml(String(req.query.name))}</h1>`);
  });

  router.post('/thumb', upload.single('image'), (req, res) => {
    const name = `${newToken()}.png`;
    fs.writeFileSync(path.join(FILES, name), req.file!.buffer);
    execFile('convert', [path.join(FILES, name), '-resize', '100x100', path.join(FILES, `t-${name}`)], () => res.json({ name }));
  });

  router.post('/hooks', (req, res) => {
    if (!sameToken(String(req.get('x-token')), process.env.HOOK_TOKEN!)) return res.sendStatus(401);
    res.sendStatus(204);
  });

  router.delete('/admin/projects/:id', requireAdmin, async (req, res) => {
    await users.purge(req.params.id);
    res.sendStatus(204);
  });

  router.get('/lang/:code', (req, res) => {
    const code = /^[a-z]{2}$/.test(req.params.code) ? req.params.code : 'en';
    res.sendFile(path.join(FILES, 'lang', `${code}.json`));
  });

  return router;
}
