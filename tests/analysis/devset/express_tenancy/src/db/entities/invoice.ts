import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'

@Entity('invoices')
export class Invoice {
  @PrimaryGeneratedColumn() id!: number
  @Column() accountId!: number
  @Column() amount!: number
  @Column() pdfPath!: string
}
