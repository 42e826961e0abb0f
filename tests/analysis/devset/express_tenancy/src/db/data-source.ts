import { DataSource } from 'typeorm'
import { User } from './entities/user'
import { Ticket } from './entities/ticket'
import { Invoice } from './entities/invoice'

export const dataSource = new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [User, Ticket, Invoice],
  synchronize: false,
})
