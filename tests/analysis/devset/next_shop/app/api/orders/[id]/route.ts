import { NextResponse } from 'next/server';
import { Order } from '@/models/order';
import { currentUser } from '@/lib/session';

export async function GET(_request: Request, { params }: { params: { id: string } }) {
  const user = await currentUser();
  if (!user) return new NextResponse('sign in', { status: 401 });
  const order = await Order.findById(params.id);
  if (!order) return new NextResponse('not found', { status: 404 });
  return NextResponse.json(order);
}

export async function PATCH(request: Request, { params }: { params: { id: string } }) {
  const user = await currentUser();
  if (!user) return new NextResponse('sign in', { status: 401 });
  const changes = await request.json();
  const order = await Order.findOneAndUpdate({ _id: params.id, owner: user.id }, { $set: changes }, { new: true });
  return NextResponse.json(order);
}
