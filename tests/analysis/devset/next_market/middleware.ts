import { NextResponse } from 'next/server';
import type { NextRequest } from 'next/server';

export function middleware(req: NextRequest) {
  if (req.nextUrl.pathname.startsWith('/admin')) {
    if (req.cookies.get('role')?.value !== 'admin') {
      return NextResponse.redirect(new URL('/login', req.url));
    }
  }
  const to = req.nextUrl.searchParams.get('rewrite');
  if (to) return NextResponse.rewrite(to);
  return NextResponse.next();
}
