import crypto from 'node:crypto';
import { redirect } from 'next/navigation';
import { NextResponse } from 'next/server';

export async function POST(request: Request) {
  const raw = await request.text();
  const signature = request.headers.get('x-signature') ?? '';
  const digest = crypto.createHmac('sha256', process.env.HOOK_SECRET!).update(raw).digest('hex');
  if (digest !== signature) {
    return NextResponse.json({}, { status: 401 });
  }
  const event = JSON.parse(raw);
  console.log('webhook', event.type);
  return NextResponse.json({ ok: true });
}

export async function GET(request: Request) {
  const next = new URL(request.url).searchParams.get('next');
  redirect(next ?? '/');
}
