import { NextRequest, NextResponse } from 'next/server';
import { prisma } from '../../../lib/db';
import { getSession } from '../../../lib/session';

export async function GET(request: NextRequest) {
  const session = getSession();
  if (!session) return NextResponse.json({ error: 'login' }, { status: 401 });
  const name = request.nextUrl.searchParams.get('name') ?? '';
  const sort = request.nextUrl.searchParams.get('sort') ?? 'name';
  const contacts = await prisma.$queryRawUnsafe(`SELECT * FROM contacts WHERE owner = $1 AND name LIKE '%${name}%' ORDER BY ${sort}`, session.userId);
  return NextResponse.json(contacts);
}

export async function POST(request: NextRequest) {
  const session = getSession();
  if (!session) return NextResponse.json({ error: 'login' }, { status: 401 });
  const body = await request.json();
  const contact = await prisma.contact.create({ data: { ...body, ownerId: session.userId } });
  return NextResponse.json(contact, { status: 201 });
}
