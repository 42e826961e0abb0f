import { NextResponse } from 'next/server';
import { prisma } from '@/lib/db';

export async function POST(req: Request) {
  const event = await req.json();
  if (event.type === 'payment_intent.succeeded') {
    await prisma.order.update({ where: { id: event.data.object.metadata.order }, data: { paid: true } });
  }
  return NextResponse.json({ received: true });
}
