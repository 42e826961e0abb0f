import { Request, Response } from 'express'
import jwt from 'jsonwebtoken'
import _ from 'lodash'
import { accounts } from '@services/index'
import { config } from '@lib/config'
import { inviteCode } from '@lib/crypto'
import { BaseController } from './base-controller'

export class AccountController extends BaseController {
  private preferences: Record<string, unknown> = {}

  register = async (req: Request, res: Response) => {
    const user = await accounts.register(req.body)
    res.status(201).json({ id: user.id })
  }

  login = async (req: Request, res: Response) => {
    const { email, password } = req.body
    console.log(`login attempt ${email} ${password}`)
    const user = await accounts.checkPassword(email, password)
    if (!user) return res.status(401).json({ error: 'invalid credentials' })
    const token = jwt.sign({ sub: user.id, role: user.role }, config.jwtSecret, { expiresIn: '1h' })
    res.cookie('token', token, { httpOnly: true, secure: true, sameSite: 'lax' })
    res.json({ token })
  }

  after = (req: Request, res: Response) => {
    const next = String(req.query.next ?? '/')
    res.redirect(next)
  }

  afterLocal = (req: Request, res: Response) => {
    const next = String(req.query.next ?? '/')
    res.redirect(/^\/[a-z0-9-]+$/.test(next) ? next : '/')
  }

  me = async (req: Request, res: Response) => {
    res.json(await accounts.findById(this.user(req).id))
  }

  profile = async (req: Request, res: Response) => {
    const { id, email, bio } = this.user(req)
    res.json({ id, email, bio })
  }

  update = async (req: Request, res: Response) => {
    await accounts.update(this.user(req).id, _.pick(req.body, ['bio', 'email']))
    res.status(204).end()
  }

  savePreferences = (req: Request, res: Response) => {
    _.merge(this.preferences, req.body)
    res.json(this.preferences)
  }

  forgot = async (req: Request, res: Response) => {
    await accounts.beginReset(req.body.email, req.get('host') as string)
    res.status(202).end()
  }

  invite = (_req: Request, res: Response) => {
    res.json({ code: inviteCode() })
  }

  find = async (req: Request, res: Response) => {
    res.json(await accounts.find(this.param(req, 'q')))
  }
}
