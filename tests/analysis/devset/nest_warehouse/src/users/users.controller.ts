import { Body, Controller, Get, Param, Patch, Post, Req, UseGuards } from '@nestjs/common';
import { IsEmail, MinLength } from 'class-validator';
import { JwtGuard } from '../common/jwt.guard';
import { UsersService } from './users.service';

class SignUp {
  @IsEmail() email: string;
  @MinLength(3) password: string;
}

@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  signUp(@Body() body: any) {
    return this.users.create(body);
  }

  @Post('proper')
  async signUpProperly(@Body() body: SignUp) {
    await this.users.createProperly(body.email, body.password);
    return { ok: true };
  }

  @UseGuards(JwtGuard)
  @Get('me')
  async me(@Req() request) {
    const { password, ...user } = await this.users.find(request.user.sub);
    return user;
  }

  @UseGuards(JwtGuard)
  @Patch(':id')
  update(@Param('id') id: string, @Body() changes: Record<string, unknown>) {
    return this.users.update(Number(id), changes);
  }

  @Get()
  all() {
    return this.users.all();
  }
}
