import crypto from 'crypto'
import { prisma } from '@/lib/db'

export async function POST(request: Request) {
  const raw = await request.text()
  const expected = crypto.createHmac('sha256', process.env.STRIPE_SECRET!).update(raw).digest()
  const given = Buffer.from(request.headers.get('x-signature') ?? '', 'hex')
  if (given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) return new Response('no', { status: 400 })
  const event = JSON.parse(raw)
  await prisma.order.update({ where: { id: event.data.orderId }, data: { paid: true } })
  return new Response('ok')
}
