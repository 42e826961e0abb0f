import { createProxyMiddleware } from 'http-proxy-middleware';
import type { Request, Response, NextFunction } from 'express';
import fetch from 'node-fetch';

const TARGETS: Record<string, string> = { users: 'http://users.internal', orders: 'http://orders.internal' };

export async function forward(req: Request, res: Response) {
  const base = TARGETS[req.params.service];
  if (!base) return res.sendStatus(404);
  const upstream = await fetch(`${base}/${req.params.path}`);
  res.status(upstream.status).send(await upstream.text());
}

export async function dynamic(req: Request, res: Response) {
  const host = req.header('x-upstream');
  const upstream = await fetch('http://' + host + req.originalUrl);
  upstream.body.pipe(res);
}

export function jsonp(req: Request, res: Response) {
  const callback = req.query.callback as string;
  res.type('application/javascript').send(`${callback}(${JSON.stringify({ ok: true })})`);
}

export function cors(req: Request, res: Response, next: NextFunction) {
  res.header('Access-Control-Allow-Origin', req.get('origin'));
  res.header('Access-Control-Allow-Credentials', 'true');
  next();
}

export const proxy = createProxyMiddleware({ target: TARGETS.users, secure: false });
