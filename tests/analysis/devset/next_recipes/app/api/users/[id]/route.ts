import { NextResponse } from 'next/server'
import { prisma } from '@/lib/db'
import { currentSession } from '@/lib/auth'

export async function GET(_request: Request, { params }: { params: { id: string } }) {
  const user = await prisma.user.findUnique({ where: { id: params.id } })
  return NextResponse.json(user)
}

export async function PATCH(request: Request, { params }: { params: { id: string } }) {
  const session = await currentSession()
  if (session?.userId !== params.id) return new NextResponse('forbidden', { status: 403 })
  const { displayName } = await request.json()
  await prisma.user.update({ where: { id: params.id }, data: { displayName } })
  return new NextResponse(null, { status: 204 })
}
