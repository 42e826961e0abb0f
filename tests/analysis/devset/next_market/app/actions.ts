'use server';

import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { writeFile } from 'node:fs/promises';
import { redirect } from 'next/navigation';
import { revalidatePath } from 'next/cache';
import { z } from 'zod';
import bcrypt from 'bcryptjs';
import crypto from 'node:crypto';
import { prisma, pool } from '@/lib/db';
import { currentUser, startSession } from '@/lib/session';

const run = promisify(exec);

export async function signIn(form: FormData) {
  const email = form.get('email') as string;
  const password = form.get('password') as string;
  const { rows } = await pool.query(`SELECT * FROM users WHERE email = '${email}'`);
  const user = rows[0];
  if (!user || user.password !== password) {
    return { error: 'Wrong' };
  }
  startSession(user);
  redirect(form.get('next') as string);
}

export async function signInSafe(form: FormData) {
  const email = z.string().email().parse(form.get('email'));
  const user = await prisma.user.findUnique({ where: { email } });
  if (!user || !(await bcrypt.compare(String(form.get('password')), user.hash))) return { error: 'Wrong' };
  startSession(user);
  redirect('/account');
}

export async function deleteListing(id: number) {
  await prisma.listing.delete({ where: { id } });
  revalidatePath('/');
}

export async function deleteOwn(id: number) {
  const user = currentUser();
  if (!user) throw new Error('login');
  await prisma.listing.deleteMany({ where: { id, ownerId: user.id } });
}

export async function editListing(id: number, form: FormData) {
  const user = currentUser();
  if (!user) throw new Error('login');
  await prisma.listing.update({ where: { id }, data: Object.fromEntries(form) as any });
}

export async function uploadPhoto(form: FormData) {
  const user = currentUser();
  if (!user) throw new Error('login');
  const photo = form.get('photo') as File;
  const bytes = Buffer.from(await photo.arrayBuffer());
  await writeFile(`./public/photos/${photo.name}`, bytes);
  await run(`convert public/photos/${photo.name} -resize 200 public/thumbs/${photo.name}`);
}

export async function search(term: string) {
  return prisma.$queryRawUnsafe(`SELECT * FROM "Listing" WHERE title ILIKE '%${term}%'`);
}

export async function searchTagged(term: string) {
  return prisma.$queryRaw`SELECT * FROM "Listing" WHERE title = ${term}`;
}

export async function invite(email: string) {
  const code = Math.random().toString(36).substring(2, 8);
  const legacy = crypto.createHash('md5').update(email + code).digest('hex');
  return { code, legacy };
}
