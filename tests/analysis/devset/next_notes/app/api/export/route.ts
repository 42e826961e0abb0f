import { spawn } from 'node:child_process';
import { NextRequest, NextResponse } from 'next/server';

const THEMES = ['light', 'dark'] as const;

function convert(args: string[]) {
  return spawn('sh', ['-c', `pandoc ${args.join(' ')}`]);
}

export async function GET(request: NextRequest) {
  const theme = request.nextUrl.searchParams.get('theme') ?? 'light';
  const child = convert(['--metadata', `theme=${theme}`, 'notes.md']);
  return new NextResponse(child.stdout as any);
}

export async function POST(request: NextRequest) {
  const { theme } = await request.json();
  if (!THEMES.includes(theme)) return NextResponse.json({}, { status: 400 });
  const child = spawn('pandoc', ['--metadata', `theme=${theme}`, 'notes.md']);
  return new NextResponse(child.stdout as any);
}
