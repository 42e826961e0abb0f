import { Pool } from 'pg';
import { Sequelize } from 'sequelize';

export const pool = new Pool({ connectionString: process.env.DATABASE_URL });
export const sequelize = new Sequelize('postgres://store:st0re-pw@db:5432/store');

export async function one<T>(sql: string, values: unknown[] = []): Promise<T | undefined> {
  const result = await pool.query(sql, values);
  return result.rows[0];
}
