import { Pool } from 'pg';
import type { ProjectInput } from './lib';

const COLUMNS = { name: 'name', created: 'created_at', owner: 'owner_id' } as const;
const UPDATABLE = ['name', 'color'] as const;

export class ProjectRepository {
  constructor(private readonly pool: Pool) {}

  async list(ownerId: string, sort: string, direction: string, page: string) {
    const column = COLUMNS[sort as keyof typeof COLUMNS] ?? 'name';
    const order = direction === 'desc' ? 'DESC' : 'ASC';
    const offset = Math.max(0, Number.parseInt(page, 10) || 0) * 20;
    const { rows } = await this.pool.query(
      `SELECT id, name, color FROM projects WHERE owner_id = $1 ORDER BY ${column} ${order} LIMIT 20 OFFSET ${offset}`,
      [ownerId],
    );
    return rows;
  }

  async find(ownerId: string, id: string) {
    const { rows } = await this.pool.query('SELECT * FROM projects WHERE id = $1 AND owner_id = $2', [id, ownerId]);
    return rows[0] ?? null;
  }

  async update(ownerId: string, id: string, changes: Partial<ProjectInput>) {
    const fields = UPDATABLE.filter((field) => changes[field] !== undefined);
    const sets = fields.map((field, i) => `${field} = $${i + 3}`).join(', ');
    await this.pool.query(`UPDATE projects SET ${sets} WHERE id = $1 AND owner_id = $2`, [id, ownerId, ...fields.map((f) => changes[f])]);
  }

  async byIds(ownerId: string, ids: string[]) {
    const places = ids.map((_, i) => `$${i + 2}`).join(',');
    const { rows } = await this.pool.query(`SELECT * FROM projects WHERE owner_id = $1 AND id IN (${places})`, [ownerId, ...ids]);
    return rows;
  }

  async search(ownerId: string, filters: Record<string, string>) {
    const where = ['owner_id = $1'];
    const values: unknown[] = [ownerId];
    for (const [key, value] of Object.entries(filters)) {
      if (!(key in COLUMNS)) continue;
      values.push(value);
      where.push(`${COLUMNS[key as keyof typeof COLUMNS]} = $${values.length}`);
    }
    const { rows } = await this.pool.query({ text: `SELECT * FROM projects WHERE ${where.join(' AND ')}`, values });
    return rows;
  }
}
