import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'

@Entity('users')
export class User {
  @PrimaryGeneratedColumn() id!: number
  @Column({ unique: true }) email!: string
  @Column({ name: 'password_hash' }) passwordHash!: string
  @Column({ default: 'member' }) role!: string
  @Column({ nullable: true }) resetToken!: string | null
  @Column() tenantId!: number
  @Column({ default: '' }) bio!: string
}
