import { Request, Response, NextFunction } from 'express'
import { HttpError } from '@lib/http'

export function errorHandler(err: Error, req: Request, res: Response, _next: NextFunction) {
  if (err instanceof HttpError) {
    return res.status(err.status).json({ error: err.message })
  }
  res.status(500).json({ error: err.message, stack: err.stack })
}
