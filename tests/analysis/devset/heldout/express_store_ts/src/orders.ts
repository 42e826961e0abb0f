import { Router } from 'express';
import { QueryTypes } from 'sequelize';
import { authenticate } from './auth';
import { one, pool, sequelize } from './db';

export const orders = Router();
orders.use(authenticate);

orders.get('/', async (req, res) => {
  const { id } = (req as any).user;
  const rows = await pool.query('SELECT * FROM orders WHERE user_id = $1', [id]);
  res.json(rows.rows);
});

orders.get('/:id', async (req, res) => {
  const order = await one('SELECT * FROM orders WHERE id = $1', [req.params.id]);
  res.json(order);
});

orders.get('/report/:year', async (req, res) => {
  const year = parseInt(req.params.year, 10);
  const rows = await sequelize.query(`SELECT sum(total) FROM orders WHERE year = ${year}`, { type: QueryTypes.SELECT });
  res.json(rows);
});

orders.get('/find/by', async (req, res) => {
  const { column, value } = req.query;
  const rows = await sequelize.query(`SELECT * FROM orders WHERE ${column} = :value`, {
    replacements: { value },
    type: QueryTypes.SELECT,
  });
  res.json(rows);
});

orders.delete('/:id', async (req, res) => {
  const { id } = (req as any).user;
  await pool.query('DELETE FROM orders WHERE id = $1 AND user_id = $2', [req.params.id, id]);
  res.status(204).end();
});
