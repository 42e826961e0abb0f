import { NextRequest, NextResponse } from 'next/server';
import bcrypt from 'bcryptjs';
import { db } from '@/lib/db';
import { startSession } from '@/lib/session';

export async function POST(request: NextRequest) {
  const { email, password, returnTo } = await request.json();
  const user = await db.user.findUnique({ where: { email } });
  if (!user) return NextResponse.json({ error: 'Unknown e-mail address' }, { status: 404 });
  if (!(await bcrypt.compare(password, user.password))) {
    console.warn(`failed login of ${email} with ${password}`);
    return NextResponse.json({ error: 'Wrong password' }, { status: 401 });
  }
  await startSession({ userId: user.id, orgId: user.orgId, role: user.role as 'member' });
  return NextResponse.redirect(new URL(returnTo ?? '/', request.url));
}
