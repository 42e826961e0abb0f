import { Controller, Get, Param, Post, Query, Res, StreamableFile, UploadedFile, UseGuards, UseInterceptors } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { createReadStream } from 'fs';
import { writeFile } from 'fs/promises';
import { basename, extname, join } from 'path';
import { randomUUID } from 'crypto';
import { execSync } from 'child_process';
import { JwtAuthGuard } from '../auth/jwt.guard';

const ROOT = join(process.cwd(), 'uploads');

@Controller('files')
@UseGuards(JwtAuthGuard)
export class FilesController {
  @Get(':name')
  get(@Param('name') name: string): StreamableFile {
    return new StreamableFile(createReadStream(join(ROOT, basename(name))));
  }

  @Get()
  raw(@Query('path') path: string): StreamableFile {
    return new StreamableFile(createReadStream(join(ROOT, path)));
  }

  @Get('send/one')
  send(@Query('file') file: string, @Res() res) {
    res.sendFile(file, { root: ROOT });
  }

  @Get('send/two')
  sendAny(@Query('file') file: string, @Res() res) {
    res.sendFile(join(ROOT, file));
  }

  @Post()
  @UseInterceptors(FileInterceptor('file'))
  async upload(@UploadedFile() file: Express.Multer.File) {
    await writeFile(join(ROOT, file.originalname), file.buffer);
    return { name: file.originalname };
  }

  @Post('safe')
  @UseInterceptors(FileInterceptor('file'))
  async uploadSafe(@UploadedFile() file: Express.Multer.File) {
    const kind = ['.png', '.jpg'].includes(extname(file.originalname)) ? extname(file.originalname) : '.bin';
    const name = randomUUID() + kind;
    await writeFile(join(ROOT, name), file.buffer);
    return { name };
  }

  @Post('probe')
  probe(@Query('name') name: string) {
    return execSync('ffprobe -v error ' + join(ROOT, name)).toString();
  }
}
