import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JwtModule } from '@nestjs/jwt';
import { ItemsController } from './items/items.controller';
import { ItemsService } from './items/items.service';
import { UsersController } from './users/users.controller';
import { UsersService } from './users/users.service';
import { ReportsController } from './reports/reports.controller';
import { AuthController } from './auth/auth.controller';
import { Directory } from './auth/directory';
import { Item } from './items/item.entity';
import { User } from './users/user.entity';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      ssl: { rejectUnauthorized: false },
      entities: [Item, User],
      synchronize: true,
    }),
    TypeOrmModule.forFeature([Item, User]),
    JwtModule.register({ secret: 'w4rehouse-jwt-key', signOptions: { expiresIn: '15m' } }),
  ],
  controllers: [ItemsController, UsersController, ReportsController, AuthController],
  providers: [ItemsService, UsersService, Directory],
})
export class AppModule {}
