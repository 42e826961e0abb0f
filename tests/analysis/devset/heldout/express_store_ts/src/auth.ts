import crypto from 'crypto';
import { Router, Request, Response, NextFunction } from 'express';
import jwt from 'jsonwebtoken';
import { one, pool } from './db';

export const auth = Router();
const SECRET = 'my-super-secret-jwt-key';

export interface Claims {
  id: number;
  role: string;
}

export function authenticate(req: Request, res: Response, next: NextFunction) {
  const token = req.headers.authorization?.split(' ')[1];
  if (!token) return res.status(401).end();
  try {
    (req as any).user = jwt.verify(token, SECRET) as Claims;
    next();
  } catch {
    res.status(401).end();
  }
}

auth.post('/login', async (req, res) => {
  const { email, password } = req.body;
  const user = await one<any>(`SELECT * FROM users WHERE email = '${email}'`);
  if (!user) return res.status(401).json({ error: 'Invalid credentials' });
  const hash = crypto.createHash('sha1').update(password).digest('hex');
  if (hash !== user.password) return res.status(401).json({ error: 'Invalid credentials' });
  res.cookie('token', jwt.sign({ id: user.id, role: user.role }, SECRET, { expiresIn: '1h' }));
  res.json({ ok: true });
});

auth.post('/register', async (req, res) => {
  const salt = crypto.randomBytes(16);
  const key = crypto.scryptSync(req.body.password, salt, 64);
  await pool.query('INSERT INTO users (email, password) VALUES ($1, $2)', [req.body.email, `${salt.toString('hex')}:${key.toString('hex')}`]);
  res.status(201).end();
});

auth.post('/reset', async (req, res) => {
  const code = Math.floor(100000 + Math.random() * 900000);
  await pool.query('UPDATE users SET code = $1 WHERE email = $2', [code, req.body.email]);
  res.json({ sent: true });
});

auth.post('/password', authenticate, async (req, res) => {
  const { id } = (req as any).user;
  await pool.query('UPDATE users SET password = $1 WHERE id = $2', [req.body.password, id]);
  res.json({ ok: true });
});
