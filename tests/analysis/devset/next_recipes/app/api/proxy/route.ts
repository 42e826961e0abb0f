import { NextRequest } from 'next/server'

export async function GET(request: NextRequest) {
  const target = request.nextUrl.searchParams.get('url')
  if (!target) return new Response('url?', { status: 400 })
  const upstream = await fetch(target, { redirect: 'follow' })
  return new Response(upstream.body, { headers: { 'content-type': upstream.headers.get('content-type') ?? 'text/html' } })
}
