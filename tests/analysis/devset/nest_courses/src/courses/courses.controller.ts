import { Body, Controller, Delete, Get, Header, Param, Patch, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { Response } from 'express';
import { CoursesService } from './courses.service';
import { CreateCourseDto, ListCoursesDto } from './courses.dto';
import { JwtAuthGuard } from '../auth/jwt.guard';
import { RolesGuard } from '../auth/roles.guard';
import { Roles } from '../auth/roles.decorator';

@Controller('courses')
export class CoursesController {
  constructor(private readonly service: CoursesService) {}

  @Get()
  list(@Query() query: ListCoursesDto) {
    return this.service.list(query);
  }

  @Get('search')
  search(@Query('q') term: string) {
    return this.service.search(term);
  }

  @Get('stats')
  @UseGuards(JwtAuthGuard)
  stats(@Query('topic') topic: string, @Query('from') from: string) {
    return this.service.stats(topic, from);
  }

  @Post()
  @UseGuards(JwtAuthGuard)
  create(@Req() req, @Body() dto: CreateCourseDto) {
    return this.service.create(req.user.id, dto);
  }

  @Patch(':id')
  @UseGuards(JwtAuthGuard)
  update(@Req() req, @Param('id') id: string, @Body() body: any) {
    return this.service.update(id, req.user.id, body);
  }

  @Delete(':id')
  async remove(@Param('id') id: string) {
    await this.service['courses'].delete(id);
  }

  @Post('import')
  @UseGuards(JwtAuthGuard, RolesGuard)
  @Roles('editor')
  importFeed(@Body('url') url: string) {
    return this.service.importFeed(url);
  }

  @Get(':id/embed')
  @Header('Content-Type', 'text/html')
  async embed(@Param('id') id: string, @Query('theme') theme: string, @Res() res: Response) {
    const course = await this.service.find(id);
    res.send(`<body class="${theme}"><h1>${course.title}</h1></body>`);
  }

  @Get(':id/go')
  go(@Query('to') to: string, @Res() res: Response) {
    return res.redirect(to);
  }

  @Get(':id/card')
  async card(@Param('id') id: string, @Res() res: Response) {
    const course = await this.service.find(id);
    res.render('card', { course });
  }
}
