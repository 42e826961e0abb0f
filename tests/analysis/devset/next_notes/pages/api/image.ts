import type { NextApiRequest, NextApiResponse } from 'next';
import https from 'node:https';

const HOSTS = new Set(['img.example.com']);

export default function handler(req: NextApiRequest, res: NextApiResponse) {
  const src = new URL(req.query.src as string);
  if (!src.hostname.endsWith('example.com')) {
    return res.status(400).end();
  }
  https.get(src, (upstream) => {
    upstream.pipe(res);
  });
}

export function safe(req: NextApiRequest, res: NextApiResponse) {
  const src = new URL(req.query.src as string);
  if (!HOSTS.has(src.hostname)) {
    return res.status(400).end();
  }
  https.get(src, (upstream) => upstream.pipe(res));
}
