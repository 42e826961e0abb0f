import { NextRequest, NextResponse } from 'next/server'
import { prisma } from '@/lib/db'
import { currentSession } from '@/lib/auth'

type Context = { params: { id: string } }

export async function GET(_request: NextRequest, { params }: Context) {
  const recipe = await prisma.recipe.findFirst({ where: { id: params.id, shared: true } })
  return recipe ? NextResponse.json(recipe) : new NextResponse(null, { status: 404 })
}

export async function PUT(request: NextRequest, { params }: Context) {
  const session = await currentSession()
  if (!session) return NextResponse.json({ error: 'unauthorized' }, { status: 401 })
  const recipe = await prisma.recipe.findUnique({ where: { id: params.id } })
  if (recipe?.authorId !== session.userId) return NextResponse.json({ error: 'forbidden' }, { status: 403 })
  const { title, body } = await request.json()
  return NextResponse.json(await prisma.recipe.update({ where: { id: params.id }, data: { title, body } }))
}

export async function DELETE(_request: NextRequest, { params }: Context) {
  const session = await currentSession()
  if (!session) return NextResponse.json({ error: 'unauthorized' }, { status: 401 })
  await prisma.recipe.delete({ where: { id: params.id } })
  return new NextResponse(null, { status: 204 })
}
