import type { NextApiRequest, NextApiResponse } from 'next';

export const config = { api: { bodyParser: false } };

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  const { path = [], callback } = req.query;
  const upstream = await fetch(`https://api.example.com/${(path as string[]).map(encodeURIComponent).join('/')}`);
  const text = await upstream.text();
  res.setHeader('Content-Type', 'text/html');
  res.status(200).send(`<script>${callback}(${text})</script>`);
}
