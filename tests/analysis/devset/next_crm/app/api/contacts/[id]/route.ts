import { NextResponse } from 'next/server';
import { prisma } from '../../../../lib/db';
import { getSession } from '../../../../lib/session';

export async function GET(request: Request, { params }: { params: { id: string } }) {
  const session = getSession();
  if (!session) return NextResponse.json({ error: 'login' }, { status: 401 });
  const contact = await prisma.contact.findUnique({ where: { id: Number(params.id) } });
  return NextResponse.json(contact);
}

export async function PATCH(request: Request, { params }: { params: { id: string } }) {
  const session = getSession();
  if (!session) return NextResponse.json({ error: 'login' }, { status: 401 });
  const data = await request.json();
  const contact = await prisma.contact.updateMany({
    where: { id: Number(params.id), ownerId: session.userId },
    data: { name: String(data.name) },
  });
  return NextResponse.json(contact);
}

export async function DELETE(request: Request, { params }: { params: { id: string } }) {
  await prisma.contact.delete({ where: { id: Number(params.id) } });
  return new NextResponse(null, { status: 204 });
}
