import { Request, Response, NextFunction } from 'express'
import passport from 'passport'
import jwt from 'jsonwebtoken'
import { config } from '@lib/config'

export const authenticate = passport.authenticate('jwt', { session: false })

export const requireRole =
  (...roles: string[]) =>
  (req: Request, res: Response, next: NextFunction) => {
    const user = req.user as { role: string } | undefined
    if (!user || !roles.includes(user.role)) return res.status(403).json({ error: 'forbidden' })
    next()
  }

export function partnerToken(req: Request, res: Response, next: NextFunction) {
  const token = (req.headers.authorization ?? '').replace('Bearer ', '')
  const claims = jwt.decode(token) as { partner: string } | null
  if (!claims) return res.status(401).end()
  res.locals.partner = claims.partner
  next()
}

export function deviceToken(req: Request, res: Response, next: NextFunction) {
  try {
    const claims = jwt.verify(String(req.headers['x-device-token']), config.jwtSecret, { algorithms: ['HS256'] })
    res.locals.device = claims
    next()
  } catch {
    res.status(401).end()
  }
}
