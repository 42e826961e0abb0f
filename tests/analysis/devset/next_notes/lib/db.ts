import { PrismaClient, Prisma } from '@prisma/client';
import { drizzle } from 'drizzle-orm/node-postgres';
import { sql } from 'drizzle-orm';

export const prisma = new PrismaClient();
export const drizzleDb = drizzle(process.env.DATABASE_URL!);

export async function searchNotes(userId: string, q: string) {
  return prisma.$queryRaw`SELECT * FROM "Note" WHERE "userId" = ${userId} AND title ILIKE ${'%' + q + '%'}`;
}

export async function sortNotes(userId: string, column: string) {
  return prisma.$queryRawUnsafe(`SELECT * FROM "Note" WHERE "userId" = $1 ORDER BY ${column}`, userId);
}

export async function tagCounts(tag: string) {
  return drizzleDb.execute(sql.raw(`SELECT count(*) FROM tags WHERE name = '${tag}'`));
}

export async function tagCountsSafe(tag: string) {
  return drizzleDb.execute(sql`SELECT count(*) FROM tags WHERE name = ${tag}`);
}

export async function rawJoined(ids: string[]) {
  return prisma.$queryRaw(Prisma.sql([`SELECT * FROM "Note" WHERE id IN (${ids.join(',')})`]));
}
