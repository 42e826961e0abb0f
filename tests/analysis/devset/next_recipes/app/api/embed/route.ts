import { escapeHtml } from '@/lib/markdown'

export async function GET(request: Request) {
  const url = new URL(request.url)
  const title = url.searchParams.get('title') ?? 'Recipe'
  const theme = url.searchParams.get('theme') ?? 'light'
  const html = `<!doctype html><body class="${theme}"><h1>${escapeHtml(title)}</h1></body>`
  return new Response(html, { headers: { 'content-type': 'text/html' } })
}
