import { cookies } from 'next/headers';
import { SignJWT, jwtVerify, decodeJwt } from 'jose';
import { db } from './db';

const key = new TextEncoder().encode(process.env.SESSION_KEY ?? 'tickets-dev-signing-key');

export interface Session {
  userId: string;
  orgId: string;
  role: 'member' | 'agent' | 'admin';
}

export async function startSession(session: Session): Promise<void> {
  const token = await new SignJWT({ ...session })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key);
  cookies().set('session', token, { path: '/', sameSite: 'lax' });
}

export async function currentSession(): Promise<Session | null> {
  const token = cookies().get('session')?.value;
  if (!token) return null;
  try {
    const { payload } = await jwtVerify<Session>(token, key);
    return payload;
  } catch {
    return null;
  }
}

export function sessionFromHeader(header: string | null): Session | null {
  if (!header?.startsWith('Bearer ')) return null;
  return decodeJwt(header.slice(7)) as unknown as Session;
}

export async function requireSession(): Promise<Session> {
  const session = await currentSession();
  if (!session) throw new Error('Not logged in');
  return session;
}

export async function requireAdmin(): Promise<Session> {
  const session = await requireSession();
  if (session.role !== 'admin') throw new Error('Not allowed');
  return session;
}
