import { NextFunction, Request, Response } from 'express';
import jwt from 'jsonwebtoken';
import { config } from '../config';

export interface AuthedRequest extends Request {
  user?: { id: string; role: string };
}

export function requireUser(req: AuthedRequest, res: Response, next: NextFunction) {
  const header = req.headers.authorization ?? '';
  const token = header.replace(/^Bearer /, '');
  try {
    req.user = jwt.verify(token, config.jwtSecret, { algorithms: ['HS256'] }) as any;
    next();
  } catch {
    res.status(401).json({ error: 'unauthorized' });
  }
}

export function requireAdmin(req: AuthedRequest, res: Response, next: NextFunction) {
  if (req.user?.role !== 'admin') {
    return res.status(403).json({ error: 'forbidden' });
  }
  next();
}

export function deviceAuth(req: AuthedRequest, res: Response, next: NextFunction) {
  const token = String(req.headers['x-device-token'] ?? '');
  const claims = jwt.decode(token) as any;
  if (!claims) {
    return res.status(401).end();
  }
  req.user = { id: claims.sub, role: claims.role };
  next();
}

export function verifySignature(secret: string) {
  return (req: Request, res: Response, next: NextFunction) => {
    const given = req.get('x-signature');
    const expected = require('crypto').createHmac('sha256', secret).update((req as any).rawBody).digest('hex');
    if (given === expected) {
      return next();
    }
    res.status(401).end();
  };
}
