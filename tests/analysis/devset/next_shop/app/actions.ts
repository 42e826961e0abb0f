'use server';

import { redirect } from 'next/navigation';
import { revalidatePath } from 'next/cache';
import { writeFile } from 'fs/promises';
import path from 'path';
import { pool } from '@/lib/db';
import { currentUser } from '@/lib/session';

export async function addReview(form: FormData) {
  const user = await currentUser();
  if (!user) redirect('/login');
  const text = form.get('text') as string;
  await pool.query("INSERT INTO reviews (owner, body) VALUES ('" + user.id + "', '" + text + "')");
  revalidatePath('/reviews');
}

export async function saveAvatar(form: FormData) {
  const user = await currentUser();
  if (!user) redirect('/login');
  const file = form.get('avatar') as File;
  await writeFile(path.join('public/avatars', file.name), Buffer.from(await file.arrayBuffer()));
}

export async function removeUser(id: string) {
  await pool.query('DELETE FROM users WHERE id = $1', [id]);
}

export async function finish(form: FormData) {
  const next = form.get('next') as string;
  redirect(next);
}
