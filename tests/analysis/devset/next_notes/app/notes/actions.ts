'use server';
import { prisma } from '@/lib/db';
import { currentUser } from '@/lib/auth';
import { revalidatePath } from 'next/cache';

export async function renameNote(formData: FormData) {
  const user = await currentUser();
  if (!user) throw new Error('unauthorized');
  await prisma.note.updateMany({
    where: { id: String(formData.get('id')), userId: user.id },
    data: { title: String(formData.get('title')) },
  });
  revalidatePath('/notes');
}

export async function purgeNotes(query: string) {
  await prisma.$executeRawUnsafe("DELETE FROM \"Note\" WHERE title LIKE '" + query + "'");
}
