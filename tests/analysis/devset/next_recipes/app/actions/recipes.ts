'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import { prisma } from '@/lib/db'
import { requireSession, requireAdmin, currentSession } from '@/lib/auth'
import { saveFile } from '@/lib/storage'

const RecipeInput = z.object({ title: z.string().min(3).max(120), body: z.string().max(20000), shared: z.boolean().default(false) })

export async function createRecipe(form: FormData) {
  const session = await requireSession()
  const input = RecipeInput.parse({ title: form.get('title'), body: form.get('body'), shared: form.get('shared') === 'on' })
  await prisma.recipe.create({ data: { ...input, authorId: session.userId } })
  revalidatePath('/recipes')
}

export async function updateRecipe(id: string, form: FormData) {
  await requireSession()
  await prisma.recipe.update({ where: { id }, data: { title: String(form.get('title')), body: String(form.get('body')) } })
  revalidatePath(`/recipes/${id}`)
}

export async function renameRecipe(id: string, title: string) {
  const session = await requireSession()
  await prisma.recipe.updateMany({ where: { id, authorId: session.userId }, data: { title } })
}

export async function deleteRecipe(id: string) {
  await prisma.recipe.delete({ where: { id } })
  revalidatePath('/recipes')
}

export async function purgeRecipe(id: string) {
  await requireAdmin()
  await prisma.recipe.delete({ where: { id } })
}

export async function attachPhoto(recipeId: string, form: FormData) {
  const session = await requireSession()
  const owned = await prisma.recipe.findFirst({ where: { id: recipeId, authorId: session.userId } })
  if (!owned) throw new Error('not found')
  const photo = form.get('photo') as File
  const url = await saveFile('photos', photo.name, Buffer.from(await photo.arrayBuffer()))
  await prisma.recipe.update({ where: { id: recipeId }, data: { photo: url } })
}

export async function leaveComment(formData: FormData) {
  const session = await currentSession()
  if (!session) redirect('/login')
  const data = Object.fromEntries(formData)
  await prisma.comment.create({ data: data as any })
  redirect(`/recipes/${encodeURIComponent(String(data.recipeId))}`)
}
