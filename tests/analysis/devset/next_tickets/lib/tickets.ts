import { Prisma } from '@prisma/client';
import { db } from './db';

export interface TicketFilter {
  orgId: string;
  text?: string;
  order?: string;
}

export async function searchTickets({ orgId, text, order }: TicketFilter) {
  const where = text ? `AND title ILIKE '%${text}%'` : '';
  return db.$queryRawUnsafe(`SELECT id, title FROM "Ticket" WHERE "orgId" = $1 ${where} ORDER BY ${order ?? 'id'}`, orgId);
}

export async function countTickets(orgId: string, text: string) {
  return db.$queryRaw`SELECT count(*) FROM "Ticket" WHERE "orgId" = ${orgId} AND title ILIKE ${'%' + text + '%'}`;
}

export async function recent(orgId: string, take: string | null) {
  return db.ticket.findMany({ where: { orgId }, take: Number(take ?? 20), orderBy: { id: 'desc' } });
}

export const byState = (state: string) =>
  db.$queryRaw(Prisma.sql`SELECT id FROM "Ticket" WHERE state = ${state}`);
