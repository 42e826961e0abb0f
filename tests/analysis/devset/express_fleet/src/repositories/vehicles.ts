import { run, one } from '../lib/db';

export interface VehicleFilter {
  depot?: string;
  sort?: string;
  direction?: string;
  plate?: string;
  limit?: string;
}

const SORTABLE = new Set(['plate', 'mileage', 'created_at']);

export class VehicleRepository {
  private readonly table = 'vehicles';

  async search(filter: VehicleFilter) {
    const where: string[] = ['deleted_at IS NULL'];
    const values: unknown[] = [];
    if (filter.depot) {
      values.push(filter.depot);
      where.push(`depot_id = $${values.length}`);
    }
    if (filter.plate) {
      where.push(`plate ILIKE '%${filter.plate}%'`);
    }
    const query = {
      text: `SELECT * FROM ${this.table} WHERE ${where.join(' AND ')}`,
      values,
    };
    return run(query);
  }

  async list(filter: VehicleFilter) {
    const order = SORTABLE.has(filter.sort ?? '') ? filter.sort : 'plate';
    const direction = filter.direction === 'desc' ? 'DESC' : 'ASC';
    const limit = Math.min(parseInt(filter.limit ?? '50', 10) || 50, 200);
    return run({ text: `SELECT * FROM vehicles ORDER BY ${order} ${direction} LIMIT ${limit}` });
  }

  async listOdometer(filter: VehicleFilter) {
    const statement = { text: 'SELECT plate, mileage FROM vehicles', values: [] as unknown[] };
    if (filter.sort) {
      statement.text += ` ORDER BY ${filter.sort}`;
    }
    return run(statement);
  }

  async byId(id: string) {
    return one({ text: 'SELECT * FROM vehicles WHERE id = $1', values: [id] });
  }

  async byIdForOwner(id: string, ownerId: string) {
    return one({ text: 'SELECT * FROM vehicles WHERE id = $1 AND owner_id = $2', values: [id, ownerId] });
  }

  async remove(id: string) {
    await run({ text: 'UPDATE vehicles SET deleted_at = now() WHERE id = $1', values: [id] });
  }

  async patch(id: string, changes: Record<string, unknown>) {
    const keys = Object.keys(changes);
    const assignments = keys.map((key, i) => `${key} = $${i + 2}`).join(', ');
    await run({ text: `UPDATE vehicles SET ${assignments} WHERE id = $1`, values: [id, ...Object.values(changes)] });
  }
}
