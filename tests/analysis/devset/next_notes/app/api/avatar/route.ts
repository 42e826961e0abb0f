import { NextResponse } from 'next/server';
import { writeFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { currentUser } from '@/lib/auth';

const DIR = path.join(process.cwd(), 'public', 'avatars');

export async function GET(request: Request) {
  const { searchParams } = new URL(request.url);
  const name = searchParams.get('name') ?? 'default.png';
  const data = await readFile(path.join(DIR, name));
  return new Response(data, { headers: { 'Content-Type': 'image/png' } });
}

export async function POST(request: Request) {
  const user = await currentUser();
  if (!user) return new Response(null, { status: 401 });
  const form = await request.formData();
  const file = form.get('file') as File;
  const bytes = Buffer.from(await file.arrayBuffer());
  await writeFile(path.join(DIR, file.name), bytes);
  return NextResponse.json({ url: `/avatars/${encodeURIComponent(file.name)}` });
}

export async function PUT(request: Request) {
  const user = await currentUser();
  if (!user) return new Response(null, { status: 401 });
  const { url } = await request.json();
  const remote = await fetch(url);
  const image = await sharp(Buffer.from(await remote.arrayBuffer())).resize(128).toBuffer();
  await writeFile(path.join(DIR, `${user.id}.png`), image);
  return new Response(null, { status: 204 });
}
