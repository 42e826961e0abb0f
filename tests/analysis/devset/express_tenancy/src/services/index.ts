import { dataSource } from '@db/data-source'
import { User } from '@db/entities/user'
import { Ticket } from '@db/entities/ticket'
import { Invoice } from '@db/entities/invoice'
import { TicketRepository } from '@db/ticket-repository'
import { AccountService } from './account-service'
import { TicketService } from './ticket-service'
import { BillingService } from './billing-service'
import { MailService } from './mail-service'
import { ReportService } from './report-service'

export const mail = new MailService()
export const accounts = new AccountService(dataSource.getRepository(User), mail)
export const tickets = new TicketService(new TicketRepository(dataSource.getRepository(Ticket)))
export const billing = new BillingService(dataSource.getRepository(Invoice))
export const reports = new ReportService()
