import { Pool, QueryConfig, QueryResult } from 'pg';
import { config } from '../config';

const pool = new Pool({ connectionString: config.databaseUrl, max: 20 });

export interface Statement {
  text: string;
  values?: unknown[];
}

export async function run<T>(statement: Statement): Promise<T[]> {
  const result: QueryResult = await pool.query(statement as QueryConfig);
  return result.rows as T[];
}

export async function one<T>(statement: Statement): Promise<T | null> {
  const rows = await run<T>(statement);
  return rows[0] ?? null;
}

export async function transaction<T>(work: (client: any) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (err) {
    await client.query('ROLLBACK');
    throw err;
  } finally {
    client.release();
  }
}
