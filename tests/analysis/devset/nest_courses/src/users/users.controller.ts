import { Body, Controller, Get, Logger, Param, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import { UsersService } from './users.service';
import { JwtAuthGuard } from '../auth/jwt.guard';

@Controller('users')
export class UsersController {
  private readonly log = new Logger(UsersController.name);

  constructor(private readonly users: UsersService) {}

  @Post('register')
  register(@Body() body: { email: string; password: string }) {
    this.log.log(`registering ${JSON.stringify(body)}`);
    return this.users.register(body.email, body.password);
  }

  @Post('login')
  async login(@Body('email') email: string, @Body('password') password: string, @Res({ passthrough: true }) res) {
    const { token } = await this.users.login(email, password);
    res.cookie('session', token, { httpOnly: false });
    return { ok: true };
  }

  @Get(':id')
  @UseGuards(JwtAuthGuard)
  profile(@Param('id') id: string) {
    return this.users.byId(id);
  }

  @Get('me')
  @UseGuards(JwtAuthGuard)
  me(@Req() req) {
    return this.users.byId(req.user.id);
  }

  @Put('me')
  @UseGuards(JwtAuthGuard)
  updateMe(@Req() req, @Body() body) {
    return this.users.setAvatar(req.user.id, body);
  }
}
