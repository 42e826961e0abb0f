import { cookies } from 'next/headers';
import { jwtVerify, SignJWT, decodeJwt } from 'jose';

const secret = new TextEncoder().encode(process.env.AUTH_SECRET);

export async function currentUser() {
  const token = cookies().get('session')?.value;
  if (!token) return null;
  const { payload } = await jwtVerify(token, secret);
  return { id: String(payload.sub), role: String(payload.role) };
}

export function peekUser() {
  const token = cookies().get('session')?.value;
  return token ? decodeJwt(token) : null;
}

export async function createSession(userId: string) {
  const token = await new SignJWT({ sub: userId }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1d').sign(secret);
  cookies().set('session', token, { httpOnly: true, secure: true, sameSite: 'lax' });
}
