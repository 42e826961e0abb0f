import fs from 'fs';
import path from 'path';
import { Router } from 'express';
import _ from 'lodash';
import fetch from 'node-fetch';
import { pool } from './db';
import { authenticate } from './auth';

export const products = Router();
const IMAGES = path.resolve('images');

products.get('/', async (req, res) => {
  const { rows } = await pool.query('SELECT * FROM products WHERE name ILIKE $1 LIMIT 100', [`%${req.query.q ?? ''}%`]);
  res.json(rows);
});

products.post('/', authenticate, async (req, res) => {
  const product = _.merge({ price: 0 }, req.body);
  await pool.query('INSERT INTO products (name, price) VALUES ($1, $2)', [product.name, product.price]);
  res.status(201).json(product);
});

products.delete('/:id', async (req, res) => {
  await pool.query('DELETE FROM products WHERE id = $1', [req.params.id]);
  res.status(204).end();
});

products.get('/image', (req, res) => {
  const file = path.join(IMAGES, req.query.file as string);
  fs.createReadStream(file).pipe(res);
});

products.get('/image/checked', (req, res) => {
  const file = path.resolve(IMAGES, String(req.query.file));
  if (!file.startsWith(IMAGES + path.sep)) return res.status(400).end();
  fs.createReadStream(file).pipe(res);
});

products.post('/image', authenticate, async (req, res) => {
  const reply = await fetch(req.body.url);
  const target = path.join(IMAGES, `${Date.now()}.png`);
  fs.writeFileSync(target, Buffer.from(await reply.arrayBuffer()));
  res.json({ target });
});

products.get('/:id/page', async (req, res) => {
  const { rows } = await pool.query('SELECT * FROM products WHERE id = $1', [req.params.id]);
  res.send('<html><h1>' + rows[0].name + '</h1>' + '<p>' + req.query.ref + '</p></html>');
});
