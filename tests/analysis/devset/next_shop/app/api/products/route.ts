import { NextRequest, NextResponse } from 'next/server';
import { pool } from '@/lib/db';
import { currentUser } from '@/lib/session';

export async function GET(request: NextRequest) {
  const { searchParams } = new URL(request.url);
  const category = searchParams.get('category');
  const limit = Number(searchParams.get('limit') ?? 20);
  const { rows } = await pool.query(`SELECT * FROM products WHERE category = '${category}' LIMIT ${limit}`);
  return NextResponse.json(rows);
}

export async function POST(request: NextRequest) {
  const user = await currentUser();
  if (user?.role !== 'admin') return NextResponse.json({ error: 'forbidden' }, { status: 403 });
  const body = await request.json();
  const { rows } = await pool.query('INSERT INTO products (name, price) VALUES ($1, $2) RETURNING id', [body.name, body.price]);
  return NextResponse.json(rows[0]);
}

export async function DELETE(request: NextRequest) {
  const id = request.nextUrl.searchParams.get('id');
  await pool.query('DELETE FROM products WHERE id = $1', [id]);
  return NextResponse.json({ ok: true });
}
