import { Repository } from 'typeorm'
import { Invoice } from '@db/entities/invoice'
import { knex } from '@db/knex'

export class BillingService {
  constructor(private invoices: Repository<Invoice>) {}

  forAccount(accountId: number) {
    return this.invoices.find({ where: { accountId } })
  }

  byId = async (id: number) => this.invoices.findOneBy({ id })

  totals(from: string, to: string, group: string) {
    return knex('invoices')
      .whereBetween('created_at', [from, to])
      .select(knex.raw(`date_trunc('${group}', created_at) AS bucket, sum(amount)`))
      .groupByRaw('1')
  }

  overdue(days: number) {
    return knex.raw('SELECT * FROM invoices WHERE due < now() - (? || \' days\')::interval', [days])
  }
}
