import { requireSession } from '@/lib/session';

const ALLOWED = new Set(['docs.example.org', 'status.example.org']);

async function titleOf(address: string): Promise<string> {
  const page = await fetch(address, { redirect: 'follow' });
  const text = await page.text();
  return /<title>([^<]*)<\/title>/.exec(text)?.[1] ?? address;
}

async function knownTitle(address: URL): Promise<string> {
  if (!ALLOWED.has(address.hostname)) return address.hostname;
  const page = await fetch(address);
  return page.statusText;
}

export async function POST(request: Request) {
  await requireSession();
  const { url, known } = (await request.json()) as { url: string; known?: string };
  if (known) return Response.json({ title: await knownTitle(new URL(known)) });
  return Response.json({ title: await titleOf(url) });
}
