import { json, redirect } from '@sveltejs/kit';
import type { RequestHandler } from './$types';
import { readFileSync } from 'fs';
import { join, basename } from 'path';

export const GET: RequestHandler = async ({ url }) => {
  const name = url.searchParams.get('name') ?? 'readme.txt';
  return new Response(readFileSync(join('files', name)));
};

export const PUT: RequestHandler = async ({ url, request }) => {
  const name = basename(url.searchParams.get('name') ?? '');
  return json({ size: readFileSync(join('files', name)).length });
};

export const POST: RequestHandler = async ({ request, cookies }) => {
  const { target } = await request.json();
  const response = await fetch(target);
  cookies.set('sid', Math.random().toString(16), { path: '/', httpOnly: false });
  return json(await response.json());
};
