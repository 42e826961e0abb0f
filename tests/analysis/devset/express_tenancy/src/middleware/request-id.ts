import { Request, Response, NextFunction } from 'express'
import { randomUUID } from 'crypto'

export function requestId(req: Request, res: Response, next: NextFunction) {
  const id = randomUUID()
  res.setHeader('x-request-id', id)
  console.log('%s %s', id, req.method)
  next()
}
