import { Request, Response, NextFunction, RequestHandler } from 'express'

export const wrap =
  <T>(fn: (req: Request, res: Response, next: NextFunction) => Promise<T>): RequestHandler =>
  (req, res, next) => {
    fn(req, res, next).catch(next)
  }

export class HttpError extends Error {
  constructor(public status: number, message: string) {
    super(message)
  }
}

export const notFound = (what: string): never => {
  throw new HttpError(404, `${what} not found`)
}
