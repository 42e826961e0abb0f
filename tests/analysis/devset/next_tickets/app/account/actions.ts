'use server';

import { redirect } from 'next/navigation';
import { revalidatePath } from 'next/cache';
import { db } from '@/lib/db';
import { requireSession } from '@/lib/session';

export async function saveProfile(form: FormData) {
  const session = await requireSession();
  const data = Object.fromEntries(form.entries());
  await db.user.update({ where: { id: session.userId }, data });
  revalidatePath('/account');
}

export async function rename(form: FormData) {
  const session = await requireSession();
  const email = String(form.get('email'));
  await db.user.update({ where: { id: session.userId }, data: { email } });
  redirect('/account');
}

export async function setRole(userId: string, role: string) {
  await db.user.update({ where: { id: userId }, data: { role } });
}

export async function changePassword(form: FormData) {
  const session = await requireSession();
  const password = String(form.get('password'));
  await db.user.update({ where: { id: session.userId }, data: { password } });
  redirect(String(form.get('back') ?? '/account'));
}
