import { Body, Controller, Get, Param, Post, Query, Res, UploadedFile, UseGuards, UseInterceptors } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { Response } from 'express';
import axios from 'axios';
import * as fs from 'fs';
import * as yaml from 'js-yaml';
import * as libxml from 'libxmljs2';
import * as path from 'path';
import * as unzipper from 'unzipper';
import * as xpath from 'xpath';
import { DOMParser } from '@xmldom/xmldom';
import _ from 'lodash';
import { spawn } from 'child_process';
import { JwtGuard } from '../common/jwt.guard';

const ROOT = '/srv/warehouse/reports';

@Controller('reports')
@UseGuards(JwtGuard)
export class ReportsController {
  private readonly options: Record<string, unknown> = {};

  @Get('file/:name')
  file(@Param('name') name: string, @Res() response: Response) {
    response.sendFile(path.join(ROOT, name));
  }

  @Get('rooted/:name')
  rooted(@Param('name') name: string, @Res() response: Response) {
    response.sendFile(name, { root: ROOT });
  }

  @Post('options')
  setOptions(@Body() body: object) {
    _.merge(this.options, body);
    return this.options;
  }

  @Post('plan')
  plan(@Body('text') text: string) {
    return yaml.load(text);
  }

  @Post('plan/safe')
  planSafely(@Body('text') text: string) {
    return yaml.safeLoad(text);
  }

  @Post('invoice')
  invoice(@Body('xml') xml: string) {
    const document = libxml.parseXml(xml, { noent: true });
    return { total: document.get('//total')?.toString() };
  }

  @Post('invoice/line')
  line(@Body('xml') xml: string, @Body('sku') sku: string) {
    const document = new DOMParser().parseFromString(xml, 'text/xml');
    return xpath.select(`//line[sku='${sku}']`, document);
  }

  @Post('archive')
  @UseInterceptors(FileInterceptor('archive'))
  async archive(@UploadedFile() upload: Express.Multer.File) {
    const directory = await unzipper.Open.buffer(upload.buffer);
    for (const entry of directory.files) {
      entry.stream().pipe(fs.createWriteStream(path.join(ROOT, entry.path)));
    }
  }

  @Post('render')
  render(@Body('program') program: string, @Body('file') file: string, @Res() response: Response) {
    const child = spawn('wkhtmltopdf', [path.basename(file), '-']);
    child.stdout.pipe(response.type('pdf'));
    spawn(program, ['--version']);
  }

  @Get('mirror')
  async mirror(@Query('host') host: string) {
    const answer = await axios.get(`http://${host}/stock.json`);
    return answer.data;
  }

  @Get('rate/:currency')
  async rate(@Param('currency') currency: string) {
    const answer = await axios.get('https://rates.example.org/v1/latest', { params: { currency } });
    return answer.data;
  }

  @Post('score')
  score(@Body('formula') formula: string) {
    const compute = new Function('stock', 'price', `return ${formula}`);
    return compute(3, 4);
  }

  @Get('cells')
  cells(@Query('n') n: string) {
    return Buffer.alloc(Number(n)).toString('hex');
  }

  @Get('check')
  check(@Query('serial') serial: string) {
    return /^(\w+-?)+$/.test(serial);
  }

  @Get('check/safe')
  checkSafely(@Query('serial') serial: string) {
    return /^\w+(-\w+)*$/.test(serial.slice(0, 40));
  }
}
