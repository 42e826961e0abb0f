import { Pool } from 'pg';
import { PrismaClient } from '@prisma/client';
import knex from 'knex';

export const pool = new Pool({ connectionString: 'postgres://market:market-pw@db:5432/market' });
export const prisma = new PrismaClient();
export const kx = knex({ client: 'pg', connection: process.env.DATABASE_URL });

export async function q(text: string, params: unknown[] = []) {
  const { rows } = await pool.query(text, params);
  return rows;
}
