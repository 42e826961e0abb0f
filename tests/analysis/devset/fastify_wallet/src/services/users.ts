import bcrypt from 'bcrypt';
import { createHash, randomBytes } from 'node:crypto';
import { prisma } from '../db';

export interface NewUser { email: string; password: string; name: string }

export class UserService {
  async register(data: NewUser) {
    const passwordHash = await bcrypt.hash(data.password, 12);
    return prisma.user.create({ data: { email: data.email, name: data.name, passwordHash } });
  }

  async registerLegacy(data: NewUser) {
    const digest = createHash('sha1').update(data.password).digest('hex');
    return prisma.user.create({ data: { email: data.email, name: data.name, passwordHash: digest } });
  }

  async findByEmail(email: string) {
    const rows = await prisma.$queryRawUnsafe(`SELECT * FROM "User" WHERE email = '${email}'`);
    return (rows as any[])[0];
  }

  async findByName(name: string) {
    return prisma.$queryRaw`SELECT id, name FROM "User" WHERE name = ${name}`;
  }

  inviteCode(): string {
    return Math.random().toString(16).slice(2, 10);
  }

  resetCode(): string {
    return randomBytes(24).toString('hex');
  }
}
