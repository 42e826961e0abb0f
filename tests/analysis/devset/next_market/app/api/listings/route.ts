import { NextRequest, NextResponse } from 'next/server';
import { kx, pool, q } from '@/lib/db';

export async function GET(req: NextRequest) {
  const { searchParams } = new URL(req.url);
  const category = searchParams.get('category');
  const sort = searchParams.get('sort') ?? 'id';
  const rows = await q('SELECT * FROM listing WHERE category = ' + category);
  const more = await kx('listing').whereRaw(`title = '${searchParams.get('title')}'`).orderByRaw(sort);
  const ok = await q('SELECT * FROM listing WHERE category = $1', [category]);
  const fine = await kx('listing').where({ category });
  return NextResponse.json({ rows, more, ok, fine });
}

export async function POST(req: NextRequest) {
  const body = await req.json();
  await pool.query(`INSERT INTO listing (title, body) VALUES ('${body.title}', '${body.body}')`);
  return NextResponse.json({ ok: true });
}

export async function DELETE(req: NextRequest) {
  const id = req.nextUrl.searchParams.get('id');
  await pool.query('DELETE FROM listing WHERE id = $1', [id]);
  return new Response(null, { status: 204 });
}
