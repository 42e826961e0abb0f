const HOSTS = new Set(['cdn.circle.example', 'avatars.circle.example'])

export async function GET(request: Request) {
  const { searchParams } = new URL(request.url)
  const source = new URL(searchParams.get('src') ?? '', 'https://cdn.circle.example')
  if (!HOSTS.has(source.host)) return new Response('no', { status: 400 })
  const upstream = await fetch(source)
  return new Response(upstream.body)
}
