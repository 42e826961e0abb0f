import { cookies } from 'next/headers'
import { SignJWT, jwtVerify } from 'jose'
import argon2 from 'argon2'
import { prisma } from '@/lib/db'

const key = new TextEncoder().encode('circle-of-recipes-2024-signing')

export interface Session {
  userId: string
  role: 'member' | 'admin'
}

export async function currentSession(): Promise<Session | null> {
  const token = cookies().get('session')?.value
  if (!token) return null
  try {
    const { payload } = await jwtVerify(token, key)
    return payload as unknown as Session
  } catch {
    return null
  }
}

export async function requireSession(): Promise<Session> {
  const session = await currentSession()
  if (!session) throw new Error('unauthorized')
  return session
}

export async function requireAdmin(): Promise<Session> {
  const session = await requireSession()
  if (session.role !== 'admin') throw new Error('forbidden')
  return session
}

export async function startSession(userId: string, role: string) {
  const token = await new SignJWT({ userId, role }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('7d').sign(key)
  cookies().set('session', token, { path: '/', maxAge: 604800 })
}

export async function rememberTheme(theme: string) {
  cookies().set('theme', theme, { path: '/' })
}

export async function checkPassword(email: string, password: string) {
  const user = await prisma.user.findUnique({ where: { email } })
  if (!user || !(await argon2.verify(user.passwordHash, password))) return null
  return user
}
