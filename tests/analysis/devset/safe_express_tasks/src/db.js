import pg from 'pg';

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

export async function one(sql, values) {
  const { rows } = await pool.query(sql, values);
  return rows[0];
}
