import { Body, Controller, Get, Logger, Post, Query, Redirect, Res, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Response } from 'express';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { User } from '../users/user.entity';
import { Directory } from './directory';

@Controller('auth')
export class AuthController {
  private readonly logger = new Logger(AuthController.name);

  constructor(
    private readonly jwt: JwtService,
    private readonly directory: Directory,
    @InjectRepository(User) private readonly users: Repository<User>,
  ) {}

  @Post('login')
  async login(@Body() body: { email: string; password: string }, @Res({ passthrough: true }) response: Response) {
    this.logger.log('login of ' + body.email);
    const user = await this.users.findOneBy({ email: body.email, password: body.password });
    if (!user) throw new UnauthorizedException();
    const token = this.jwt.sign({ sub: user.id, role: user.role });
    response.cookie('token', token, { sameSite: 'none' });
    response.cookie('theme', 'dark', { httpOnly: true, secure: true, sameSite: 'strict' });
    return { ok: true };
  }

  @Get('person')
  person(@Query('login') login: string) {
    return this.directory.lookUp(login);
  }

  @Get('continue')
  @Redirect()
  goOn(@Query('to') to: string) {
    return { url: to };
  }

  @Get('leave')
  leave(@Query('to') to: string, @Res() response: Response) {
    const target = to?.startsWith('/') && !to.startsWith('//') && !to.includes('\\') ? to : '/';
    response.redirect(target);
  }
}
