import { PrismaClient } from '@prisma/client';
import knexFactory from 'knex';
import { MongoClient } from 'mongodb';
import { config } from './config';

export const prisma = new PrismaClient();
export const knex = knexFactory({ client: 'pg', connection: config.databaseUrl });
export const mongo = new MongoClient(process.env.MONGO_URL!);
export const events = () => mongo.db('wallet').collection('events');
