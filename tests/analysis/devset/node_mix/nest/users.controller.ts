import { Body, Controller, Delete, Get, Param, Post, Query, Redirect, Req, Res, UseGuards } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { exec } from 'child_process';
import { Repository } from 'typeorm';
import { AuthGuard } from './auth.guard';
import { User } from './user.entity';

@Controller('users')
export class UsersController {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  @Get()
  @UseGuards(AuthGuard)
  find(@Query('name') name: string) {
    return this.users.query(`SELECT id, name FROM users WHERE name = '${name}'`);
  }

  @Get('built')
  @UseGuards(AuthGuard)
  built(@Query('name') name: string) {
    return this.users.createQueryBuilder('u').where('u.name = :name', { name }).getMany();
  }

  @Get('unsafe')
  @UseGuards(AuthGuard)
  unsafe(@Query('name') name: string) {
    return this.users.createQueryBuilder('u').where("u.name = '" + name + "'").getMany();
  }

  @Get('export')
  @UseGuards(AuthGuard)
  export(@Query('target') target: string, @Res() res) {
    exec(`tar czf ${target} data`, () => res.end());
  }

  @Delete(':id')
  remove(@Param('id') id: string) {
    return this.users.delete(id);
  }

  @Get('greet')
  greet(@Query('who') who: string, @Res() res) {
    res.send(`<h1>Hi ${who}</h1>`);
  }
}
