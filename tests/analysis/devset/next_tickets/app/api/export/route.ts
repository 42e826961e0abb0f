import { db } from '@/lib/db';
import { requireAdmin, sessionFromHeader } from '@/lib/session';

export async function GET(request: Request) {
  const session = sessionFromHeader(request.headers.get('authorization'));
  if (session?.role !== 'admin') return new Response(null, { status: 403 });
  const name = new URL(request.url).searchParams.get('name') ?? 'tickets';
  const users = await db.user.findMany();
  return new Response(JSON.stringify(users), {
    headers: { 'content-disposition': `attachment; filename=${name}.json` },
  });
}

export async function POST() {
  await requireAdmin();
  const users = await db.user.findMany({ select: { id: true, email: true, role: true } });
  return Response.json(users);
}
