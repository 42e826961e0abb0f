import { exec } from 'node:child_process'
import { promisify } from 'node:util'
import { NextRequest, NextResponse } from 'next/server'
import { requireAdmin } from '@/lib/auth'

const sh = promisify(exec)

export async function POST(request: NextRequest) {
  await requireAdmin()
  const { table, format = 'csv' } = await request.json()
  const { stdout } = await sh(`pg_dump --table=${table} --format=${format} circle`)
  return new NextResponse(stdout)
}
