import { writeFile, readFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { requireSession } from '@/lib/session';

const FOLDER = path.join(process.cwd(), 'public', 'avatars');
const TYPES: Record<string, string> = { 'image/png': '.png', 'image/jpeg': '.jpg' };

export async function POST(request: Request) {
  const session = await requireSession();
  const form = await request.formData();
  const file = form.get('file') as File;
  const folder = path.join(FOLDER, session.userId);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, file.name), Buffer.from(await file.arrayBuffer()));
  return Response.json({ url: `/avatars/${session.userId}/${file.name}` });
}

export async function PUT(request: Request) {
  const session = await requireSession();
  const file = (await request.formData()).get('file') as File;
  const ending = TYPES[file.type];
  if (!ending || file.size > 1_000_000) return Response.json({ error: 'pictures only' }, { status: 415 });
  const name = randomUUID() + ending;
  await writeFile(path.join(FOLDER, session.userId, name), Buffer.from(await file.arrayBuffer()));
  return Response.json({ name });
}

export async function GET(request: Request) {
  const { searchParams } = new URL(request.url);
  const name = searchParams.get('name');
  if (!name) return new Response('name?', { status: 400 });
  const bytes = await readFile(`${FOLDER}/${name}`);
  return new Response(bytes, { headers: { 'content-type': 'image/png' } });
}
