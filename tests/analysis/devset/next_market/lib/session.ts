import jwt from 'jsonwebtoken';
import { cookies } from 'next/headers';

const SECRET = process.env.JWT_SECRET ?? 'dev-secret';

export function currentUser() {
  const token = cookies().get('session')?.value;
  if (!token) return null;
  return jwt.verify(token, SECRET) as { id: number; role: string };
}

export function startSession(user: { id: number; role: string }) {
  const token = jwt.sign(user, SECRET);
  cookies().set('session', token, { httpOnly: false, secure: false });
}

export function peek(token: string) {
  const [, body] = token.split('.');
  return JSON.parse(Buffer.from(body, 'base64').toString());
}
