import { NextResponse } from 'next/server';
import { z } from 'zod';
import { db } from '@/lib/db';
import { currentSession } from '@/lib/session';

interface Context {
  params: { id: string };
}

const Change = z.object({ title: z.string().max(200), body: z.string().max(20_000) });

export async function GET(_request: Request, { params }: Context) {
  const session = await currentSession();
  if (!session) return NextResponse.json({ error: 'log in' }, { status: 401 });
  const ticket = await db.ticket.findUnique({ where: { id: params.id }, include: { owner: true } });
  return NextResponse.json(ticket);
}

export async function PUT(request: Request, { params }: Context) {
  const session = await currentSession();
  if (!session) return NextResponse.json({ error: 'log in' }, { status: 401 });
  const change = Change.parse(await request.json());
  const done = await db.ticket.updateMany({ where: { id: params.id, orgId: session.orgId }, data: change });
  return NextResponse.json({ changed: done.count });
}

export async function DELETE(_request: Request, { params }: Context) {
  await db.ticket.delete({ where: { id: params.id } });
  return new NextResponse(null, { status: 204 });
}
