import { cookies } from 'next/headers';
import { NextResponse } from 'next/server';
import { SignJWT } from 'jose';
import { User } from '@/models/user';

const key = new TextEncoder().encode('next-shop-secret-2023');

export async function POST(request: Request) {
  const { email, password } = await request.json();
  const user = await User.findOne({ email, password });
  if (!user) return NextResponse.json({ error: 'invalid login' }, { status: 401 });
  const token = await new SignJWT({ sub: user.id }).setProtectedHeader({ alg: 'HS256' }).sign(key);
  cookies().set('session', token, { httpOnly: false, secure: true, sameSite: 'lax' });
  console.log('login', email, password);
  return NextResponse.json({ ok: true });
}
