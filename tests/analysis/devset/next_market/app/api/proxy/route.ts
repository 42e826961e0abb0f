import { NextRequest, NextResponse } from 'next/server';
import { readFile } from 'fs/promises';
import path from 'path';

export async function GET(request: NextRequest) {
  const url = request.nextUrl.searchParams.get('url')!;
  const res = await fetch(url, { headers: request.headers });
  return new Response(res.body, { headers: { 'Content-Type': 'text/html' } });
}

export async function POST(request: NextRequest) {
  const { file, name, back } = await request.json();
  const text = await readFile(path.join(process.cwd(), 'docs', file), 'utf8');
  if (back) return NextResponse.redirect(new URL(back, request.url));
  return new NextResponse(`<h1>${name}</h1><pre>${text}</pre>`, { headers: { 'content-type': 'text/html' } });
}
