import { escapeHtml } from '@/lib/markdown'

export async function GET(request: Request) {
  const title = new URL(request.url).searchParams.get('title') ?? 'Recipe'
  return new Response(`<!doctype html><h1>${escapeHtml(title)}</h1>`, { headers: { 'content-type': 'text/html' } })
}
