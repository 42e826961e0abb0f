import argon2 from 'argon2';
import { Router } from 'express';
import rateLimit from 'express-rate-limit';
import { z } from 'zod';
import { one, pool } from './db.js';

export const users = Router();
const slow = rateLimit({ windowMs: 60_000, limit: 5 });
const Credentials = z.object({ email: z.string().email(), password: z.string().min(12).max(128) });

users.post('/login', slow, async (req, res, next) => {
  const parsed = Credentials.safeParse(req.body);
  if (!parsed.success) return res.status(400).json({ error: 'bad input' });
  const user = await one('SELECT id, digest FROM users WHERE email = $1', [parsed.data.email]);
  if (!user || !(await argon2.verify(user.digest, parsed.data.password))) {
    return res.status(401).json({ error: 'wrong e-mail address or password' });
  }
  req.session.regenerate((error) => {
    if (error) return next(error);
    req.session.userId = user.id;
    res.json({ id: user.id });
  });
});

users.post('/register', slow, async (req, res) => {
  const parsed = Credentials.safeParse(req.body);
  if (!parsed.success) return res.status(400).json({ error: 'bad input' });
  const digest = await argon2.hash(parsed.data.password);
  await pool.query('INSERT INTO users (email, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING', [parsed.data.email, digest]);
  res.status(202).json({ message: 'look into your mail' });
});

users.post('/logout', (req, res, next) => {
  req.session.destroy((error) => (error ? next(error) : res.status(204).end()));
});

export function signedIn(req, res, next) {
  if (!req.session.userId) return res.status(401).json({ error: 'log in' });
  next();
}
