import { Repository } from 'typeorm'
import { User } from '@db/entities/user'
import { hashPassword, verifyPassword, legacyHash, resetToken } from '@lib/crypto'
import { MailService } from './mail-service'

export class AccountService {
  constructor(private readonly users: Repository<User>, private readonly mail: MailService) {}

  findById(id: number) {
    return this.users.findOneBy({ id })
  }

  async checkPassword(email: string, password: string): Promise<User | null> {
    const user = await this.users.findOneBy({ email })
    if (!user) return null
    if (user.passwordHash.startsWith('sha1$')) {
      const [, salt, digest] = user.passwordHash.split('$')
      return legacyHash(password, salt) === digest ? user : null
    }
    return (await verifyPassword(password, user.passwordHash)) ? user : null
  }

  async register(fields: Partial<User> & { password: string }) {
    const passwordHash = await hashPassword(fields.password)
    const user = this.users.create({ ...fields, passwordHash }) // the role comes with the fields
    return this.users.save(user)
  }

  async update(id: number, changes: Partial<User>) {
    await this.users.update(id, changes)
    return this.findById(id)
  }

  async beginReset(email: string, host: string) {
    const user = await this.users.findOneBy({ email })
    if (!user) return
    user.resetToken = resetToken()
    await this.users.save(user)
    await this.mail.send(user.email, 'Reset', `https://${host}/reset?token=${user.resetToken}`)
  }

  async find(filter: string) {
    return this.users.query('SELECT id, email FROM users WHERE email LIKE $1', [`%${filter}%`])
  }
}
