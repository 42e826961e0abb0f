import { cookies } from 'next/headers';
import { jwtVerify } from 'jose';

const key = new TextEncoder().encode(process.env.JWT_SECRET);

export async function currentUser(): Promise<{ id: string; role: string } | null> {
  const token = cookies().get('session')?.value;
  if (!token) return null;
  const { payload } = await jwtVerify(token, key);
  return { id: payload.sub as string, role: payload.role as string };
}
