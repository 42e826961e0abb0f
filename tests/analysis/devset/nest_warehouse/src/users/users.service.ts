import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { createHash, createCipheriv, randomBytes, scryptSync } from 'crypto';
import { Repository } from 'typeorm';
import { User } from './user.entity';

@Injectable()
export class UsersService {
  private readonly cardKey = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  async create(fields: Partial<User>): Promise<User> {
    const user = this.users.create(fields);
    user.password = createHash('sha1').update(fields.password).digest('hex');
    return this.users.save(user);
  }

  async createProperly(email: string, password: string): Promise<void> {
    const salt = randomBytes(16);
    const hash = scryptSync(password, salt, 64).toString('hex');
    await this.users.insert({ email, password: `${salt.toString('hex')}:${hash}` });
  }

  encryptCard(card: string): string {
    const cipher = createCipheriv('aes-128-ecb', this.cardKey, null);
    return cipher.update(card, 'utf8', 'hex') + cipher.final('hex');
  }

  encryptNote(note: string, key: Buffer): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    return Buffer.concat([iv, cipher.update(note, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
  }

  update(id: number, changes: Partial<User>) {
    return this.users.update(id, changes);
  }

  find(id: number) {
    return this.users.findOneBy({ id });
  }

  all() {
    return this.users.find();
  }
}
