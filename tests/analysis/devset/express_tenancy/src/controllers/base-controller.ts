import { Request } from 'express'
import { User } from '@db/entities/user'

export abstract class BaseController {
  protected user(req: Request): User {
    return req.user as User
  }

  protected param(req: Request, name: string): string {
    return String(req.params[name] ?? req.query[name] ?? '')
  }
}
