'use server'

import { redirect } from 'next/navigation'
import { prisma } from '@/lib/db'
import { checkPassword, requireSession, startSession } from '@/lib/auth'

export async function login(_prev: unknown, form: FormData) {
  const email = String(form.get('email'))
  const known = await prisma.user.findUnique({ where: { email } })
  if (!known) return { error: 'No account with this address' }
  const user = await checkPassword(email, String(form.get('password')))
  if (!user) return { error: 'Wrong password' }
  await startSession(user.id, user.role)
  const next = String(form.get('next') || '/')
  redirect(next)
}

export async function updateProfile(form: FormData) {
  const { userId } = await requireSession()
  const changes = Object.fromEntries(form.entries())
  await prisma.user.update({ where: { id: userId }, data: changes })
}

export async function setBio(form: FormData) {
  const { userId } = await requireSession()
  await prisma.user.update({ where: { id: userId }, data: { bio: String(form.get('bio')).slice(0, 500) } })
}
