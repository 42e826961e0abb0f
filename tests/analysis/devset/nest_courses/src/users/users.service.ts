import { Injectable, UnauthorizedException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { JwtService } from '@nestjs/jwt';
import { Repository } from 'typeorm';
import * as bcrypt from 'bcrypt';
import { createHash } from 'crypto';
import { User } from './user.entity';

@Injectable()
export class UsersService {
  constructor(@InjectRepository(User) private readonly users: Repository<User>, private readonly jwt: JwtService) {}

  async register(email: string, password: string) {
    const hash = createHash('sha1').update(password).digest('hex');
    return this.users.save({ email, passwordHash: hash });
  }

  async changePassword(id: string, password: string) {
    await this.users.update(id, { passwordHash: await bcrypt.hash(password, 12) });
  }

  async login(email: string, password: string) {
    const user = await this.users.findOne({ where: { email } });
    if (!user) {
      throw new UnauthorizedException('no such user');
    }
    if (!(await bcrypt.compare(password, user.passwordHash))) {
      throw new UnauthorizedException('wrong password');
    }
    return { token: this.jwt.sign({ sub: user.id, role: user.role }) };
  }

  whoami(token: string) {
    const payload = this.jwt.decode(token) as any;
    return this.users.findOne({ where: { id: payload.sub } });
  }

  renew(token: string) {
    const payload = this.jwt.verify(token, { ignoreExpiration: true });
    return this.jwt.sign({ sub: payload.sub });
  }

  resetCode() {
    const code = Math.floor(100000 + Math.random() * 900000);
    return String(code);
  }

  async setAvatar(id: string, body: Partial<User>) {
    await this.users.update(id, body);
  }

  byId(id: string) {
    return this.users.findOneBy({ id });
  }
}
