import { cookies } from 'next/headers';
import jwt from 'jsonwebtoken';

const SECRET = process.env.SESSION_SECRET || 'insecure-session-secret';

export interface Session {
  userId: number;
  admin: boolean;
}

export function createSession(session: Session) {
  const token = jwt.sign(session, SECRET, { algorithm: 'HS256', expiresIn: '8h' });
  cookies().set('session', token, { httpOnly: true, secure: false, sameSite: 'none' });
}

export function getSession(): Session | null {
  const token = cookies().get('session')?.value;
  if (!token) return null;
  try {
    return jwt.verify(token, SECRET, { algorithms: ['HS256'] }) as unknown as Session;
  } catch {
    return null;
  }
}

export function peek(token: string) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64').toString()) as Session;
}
