import { execFile } from 'node:child_process';
import path from 'node:path';
import { Router } from 'express';
import { z } from 'zod';
import { one, pool } from './db.js';
import { signedIn } from './users.js';

export const tasks = Router();
tasks.use(signedIn);

const SORTS = new Map([['title', 'title'], ['new', 'created_at DESC']]);
const Task = z.object({ title: z.string().min(1).max(200), done: z.boolean().default(false) });
const FILES = path.resolve('files');

tasks.get('/', async (req, res) => {
  const sort = SORTS.get(req.query.sort) ?? 'title';
  const { rows } = await pool.query(`SELECT id, title FROM tasks WHERE owner = $1 ORDER BY ${sort}`, [req.session.userId]);
  res.json(rows);
});

tasks.post('/', async (req, res) => {
  const parsed = Task.safeParse(req.body);
  if (!parsed.success) return res.status(400).json({ error: 'bad input' });
  const { title, done } = parsed.data;
  const task = await one('INSERT INTO tasks (owner, title, done) VALUES ($1, $2, $3) RETURNING id', [req.session.userId, title, done]);
  res.status(201).json(task);
});

tasks.get('/:id', async (req, res) => {
  const task = await one('SELECT id, title FROM tasks WHERE id = $1 AND owner = $2', [req.params.id, req.session.userId]);
  if (!task) return res.status(404).end();
  res.json(task);
});

tasks.delete('/:id', async (req, res) => {
  const { rowCount } = await pool.query('DELETE FROM tasks WHERE id = $1 AND owner = $2', [req.params.id, req.session.userId]);
  res.status(rowCount ? 204 : 404).end();
});

tasks.get('/:id/file', async (req, res) => {
  const task = await one('SELECT file FROM tasks WHERE id = $1 AND owner = $2', [req.params.id, req.session.userId]);
  if (!task) return res.status(404).end();
  res.sendFile(path.basename(task.file), { root: FILES });
});

tasks.get('/stats/disk', (req, res, next) => {
  execFile('du', ['-s', '--', FILES], (error, stdout) => {
    if (error) return next(error);
    res.type('text/plain').send(stdout.split('\t')[0]);
  });
});
