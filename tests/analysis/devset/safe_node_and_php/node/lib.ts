import path from 'node:path';
import crypto from 'node:crypto';
import { z } from 'zod';

export class OutsideError extends Error {}

export function resolveInside(root: string, name: string): string {
  const target = path.resolve(root, name);
  if (target !== root && !target.startsWith(root + path.sep)) {
    throw new OutsideError(name);
  }
  return target;
}

export function safeNext(value: unknown): string {
  if (typeof value !== 'string' || !value.startsWith('/') || value.startsWith('//') || value.includes('\\')) {
    return '/';
  }
  return value;
}

const ALLOWED_HOSTS = new Set(['images.example.com', 'cdn.example.com']);

export function allowedUrl(raw: string): URL {
  const url = new URL(raw);
  if (url.protocol !== 'https:' || !ALLOWED_HOSTS.has(url.hostname)) {
    throw new Error('host not allowed');
  }
  return url;
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!);

export function sameToken(a: string, b: string): boolean {
  const left = crypto.createHash('sha256').update(a).digest();
  const right = crypto.createHash('sha256').update(b).digest();
  return crypto.timingSafeEqual(left, right);
}

export const newToken = () => crypto.randomBytes(32).toString('base64url');

export const ProjectInput = z.object({ name: z.string().max(80), color: z.enum(['red', 'blue']) });
export type ProjectInput = z.infer<typeof ProjectInput>;
