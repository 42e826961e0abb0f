import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'

@Entity('tickets')
export class Ticket {
  @PrimaryGeneratedColumn() id!: number
  @Column() subject!: string
  @Column('text') body!: string
  @Column() ownerId!: number
  @Column() tenantId!: number
  @Column() status!: string
}
