import { NextRequest, NextResponse } from 'next/server'
import { Prisma } from '@prisma/client'
import { prisma } from '@/lib/db'

const ORDER = { new: '"createdAt" DESC', top: 'likes DESC' } as const

export async function GET(request: NextRequest) {
  const params = request.nextUrl.searchParams
  const q = params.get('q') ?? ''
  const order = ORDER[(params.get('order') ?? 'new') as keyof typeof ORDER] ?? ORDER.new
  const rows = await prisma.$queryRawUnsafe(
    `SELECT id, title FROM "Recipe" WHERE shared AND title ILIKE '%${q}%' ORDER BY ${order}`,
  )
  return NextResponse.json(rows)
}

export async function POST(request: NextRequest) {
  const { ids } = (await request.json()) as { ids: string[] }
  const rows = await prisma.$queryRaw`SELECT id, title FROM "Recipe" WHERE id IN (${Prisma.join(ids)}) AND shared`
  return NextResponse.json(rows)
}
