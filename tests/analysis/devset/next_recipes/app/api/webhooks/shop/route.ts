import { prisma } from '@/lib/db'

export async function POST(request: Request) {
  const event = await request.json()
  await prisma.order.update({ where: { id: event.orderId }, data: { paid: true } })
  return new Response('ok')
}
