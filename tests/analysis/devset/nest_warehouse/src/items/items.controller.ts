import { Body, Controller, Delete, Get, Param, ParseIntPipe, Post, Put, Query, Req, Res, UseGuards } from '@nestjs/common';
import { Response } from 'express';
import { JwtGuard } from '../common/jwt.guard';
import { PartnerGuard } from '../common/partner.guard';
import { ItemsService } from './items.service';

@Controller('items')
export class ItemsController {
  constructor(private readonly items: ItemsService) {}

  @Get()
  list(@Query('q') q: string, @Query('sort') sort: string) {
    return this.items.search(q, sort);
  }

  @Get('named')
  named(@Query('name') name: string) {
    return this.items.named(name);
  }

  @Get('page')
  page(@Query() query: { by: string; limit: string }) {
    return this.items.page(query.by, Number(query.limit));
  }

  @UseGuards(JwtGuard)
  @Get('mine/:id')
  mine(@Param('id', ParseIntPipe) id: number, @Req() request) {
    return this.items.ofOwner(id, request.user.sub);
  }

  @UseGuards(JwtGuard)
  @Put(':id/take')
  take(@Param('id', ParseIntPipe) id: number, @Body('amount') amount: number) {
    return this.items.take(id, amount);
  }

  @UseGuards(PartnerGuard)
  @Post(':id/take')
  takeForPartner(@Param('id', ParseIntPipe) id: number, @Body('amount', ParseIntPipe) amount: number) {
    return this.items.takeSafely(id, amount);
  }

  @Delete(':id')
  remove(@Param('id', ParseIntPipe) id: number) {
    return this.items.remove(id);
  }

  @Get(':id/label')
  async label(@Param('id', ParseIntPipe) id: number, @Query('note') note: string, @Res() response: Response) {
    const item = await this.items.one(id);
    response.type('html').send(`<h1>${item.id}</h1><p>${note}</p>`);
  }
}
