import { TicketRepository } from '@db/ticket-repository'
import { Page } from '@db/base-repository'
import { notFound } from '@lib/http'

export class TicketService {
  constructor(private readonly repository: TicketRepository) {}

  list(tenantId: number, page: Page) {
    return this.repository.page(tenantId, page)
  }

  search(tenantId: number, term: string, status?: string) {
    return this.repository.search(tenantId, term, status)
  }

  ordered(tenantId: number, order: string) {
    return this.repository.ordered(tenantId, order)
  }

  async one(id: number) {
    return (await this.repository.byId(id)) ?? notFound('ticket')
  }

  async mine(id: number, ownerId: number) {
    return (await this.repository.ownedBy(id, ownerId)) ?? notFound('ticket')
  }

  create(ownerId: number, tenantId: number, subject: string, body: string) {
    return this.repository.save({ ownerId, tenantId, subject, body, status: 'open' })
  }
}
