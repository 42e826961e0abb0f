import { NextRequest, NextResponse } from 'next/server';
import { requireSession } from '@/lib/session';
import { countTickets, searchTickets } from '@/lib/tickets';

export async function GET(request: NextRequest) {
  const session = await requireSession();
  const text = request.nextUrl.searchParams.get('q') ?? '';
  const order = request.nextUrl.searchParams.get('order') ?? undefined;
  try {
    const [tickets, count] = await Promise.all([
      searchTickets({ orgId: session.orgId, text, order }),
      countTickets(session.orgId, text),
    ]);
    return NextResponse.json({ tickets, count });
  } catch (error) {
    return NextResponse.json({ error: String(error), query: text }, { status: 500 });
  }
}
