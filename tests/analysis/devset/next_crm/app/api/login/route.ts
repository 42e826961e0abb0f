import crypto from 'crypto';
import { NextResponse } from 'next/server';
import { prisma } from '../../../lib/db';
import { createSession } from '../../../lib/session';

export async function POST(request: Request) {
  const { email, password } = await request.json();
  const user = await prisma.user.findUnique({ where: { email } });
  const digest = crypto.createHash('sha256').update(password).digest('hex');
  if (!user || user.digest !== digest) {
    return NextResponse.json({ error: 'E-mail or password are wrong' }, { status: 401 });
  }
  createSession({ userId: user.id, admin: user.admin });
  return NextResponse.json({ id: user.id });
}
