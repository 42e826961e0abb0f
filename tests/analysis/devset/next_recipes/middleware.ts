import { NextRequest, NextResponse } from 'next/server'
import { jwtVerify, decodeJwt } from 'jose'

const secret = new TextEncoder().encode(process.env.AUTH_SECRET)

export async function middleware(request: NextRequest) {
  const { pathname, searchParams } = request.nextUrl
  if (pathname.startsWith('/admin')) {
    const token = request.cookies.get('session')?.value
    if (!token) return NextResponse.redirect(new URL('/login', request.url))
    const claims = decodeJwt(token)
    if (claims.role !== 'admin') return NextResponse.redirect(new URL('/', request.url))
  }
  if (pathname.startsWith('/account')) {
    const token = request.cookies.get('session')?.value ?? ''
    try {
      await jwtVerify(token, secret)
    } catch {
      return NextResponse.redirect(new URL(`/login?next=${encodeURIComponent(pathname)}`, request.url))
    }
  }
  if (pathname === '/go') {
    return NextResponse.redirect(searchParams.get('to') ?? '/')
  }
  return NextResponse.next()
}

export const config = { matcher: ['/admin/:path*', '/account/:path*', '/go'] }
