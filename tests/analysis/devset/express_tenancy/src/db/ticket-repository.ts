import { Repository } from 'typeorm'
import { BaseRepository } from './base-repository'
import { Ticket } from './entities/ticket'

const SORTABLE: Record<string, string> = { newest: 't.id DESC', oldest: 't.id ASC', status: 't.status ASC' }

export class TicketRepository extends BaseRepository<Ticket> {
  protected readonly table = 'tickets'

  constructor(repo: Repository<Ticket>) {
    super(repo)
  }

  search(tenantId: number, term: string, status?: string) {
    const qb = this.repo
      .createQueryBuilder('t')
      .where('t.tenantId = :tenantId', { tenantId })
      .andWhere(`t.subject ILIKE '%${term}%'`)
    if (status) qb.andWhere('t.status = :status', { status })
    return qb.getMany()
  }

  ordered(tenantId: number, order: string) {
    const clause = SORTABLE[order] ?? SORTABLE.newest
    return this.repo.query(`SELECT * FROM tickets t WHERE t.tenant_id = $1 ORDER BY ${clause}`, [tenantId])
  }

  ownedBy(id: number, ownerId: number) {
    return this.repo.findOneBy({ id, ownerId })
  }

  save(ticket: Partial<Ticket>) {
    return this.repo.save(ticket)
  }
}
