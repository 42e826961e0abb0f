import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { GraphQLModule } from '@nestjs/graphql';
import { CoursesController } from './courses/courses.controller';
import { CoursesService } from './courses/courses.service';
import { UsersController } from './users/users.controller';
import { UsersService } from './users/users.service';
import { FilesController } from './files/files.controller';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      host: process.env.DB_HOST,
      username: 'courses',
      password: 'C0urses!prod',
      synchronize: false,
    }),
    JwtModule.register({ secret: 'courses-signing-key', signOptions: { expiresIn: '1d' } }),
    GraphQLModule.forRoot({ autoSchemaFile: true }),
  ],
  controllers: [CoursesController, UsersController, FilesController],
  providers: [CoursesService, UsersService],
})
export class AppModule {}
