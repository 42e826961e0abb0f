import { NextRequest, NextResponse } from 'next/server';
import { prisma, searchNotes, sortNotes, tagCounts, tagCountsSafe, rawJoined } from '@/lib/db';
import { currentUser } from '@/lib/auth';

export async function GET(request: NextRequest) {
  const user = await currentUser();
  if (!user) return NextResponse.json({ error: 'unauthorized' }, { status: 401 });
  const params = request.nextUrl.searchParams;
  if (params.has('q')) return NextResponse.json(await searchNotes(user.id, params.get('q')!));
  if (params.has('tag')) return NextResponse.json([await tagCounts(params.get('tag')!), await tagCountsSafe(params.get('tag')!)]);
  if (params.has('ids')) return NextResponse.json(await rawJoined(params.getAll('ids')));
  return NextResponse.json(await sortNotes(user.id, params.get('sort') ?? 'id'));
}

export async function POST(request: NextRequest) {
  const user = await currentUser();
  if (!user) return NextResponse.json({ error: 'unauthorized' }, { status: 401 });
  const body = await request.json();
  const note = await prisma.note.create({ data: { ...body, userId: user.id } });
  return NextResponse.json(note, { status: 201 });
}

export async function PUT(request: NextRequest) {
  const user = await currentUser();
  if (!user) return NextResponse.json({ error: 'unauthorized' }, { status: 401 });
  const { id, title } = await request.json();
  const note = await prisma.note.update({ where: { id }, data: { title: String(title) } });
  return NextResponse.json(note);
}

export async function DELETE(request: NextRequest) {
  const id = request.nextUrl.searchParams.get('id')!;
  await prisma.note.delete({ where: { id } });
  return new NextResponse(null, { status: 204 });
}
