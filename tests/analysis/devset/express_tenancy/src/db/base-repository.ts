import { Repository, ObjectLiteral } from 'typeorm'

export interface Page {
  sort?: string
  direction?: string
  limit?: number
}

export abstract class BaseRepository<T extends ObjectLiteral> {
  protected abstract readonly table: string
  constructor(protected readonly repo: Repository<T>) {}

  byId(id: number): Promise<T | null> {
    return this.repo.findOne({ where: { id } as any })
  }

  async page(tenantId: number, { sort = 'id', direction = 'ASC', limit = 50 }: Page): Promise<T[]> {
    return this.repo.query(
      `SELECT * FROM ${this.table} WHERE tenant_id = $1 ORDER BY ${sort} ${direction} LIMIT $2`,
      [tenantId, limit],
    )
  }
}
