import { Request, Response } from 'express'
import { tickets } from '@services/index'
import { BaseController } from './base-controller'

export class TicketController extends BaseController {
  list = async (req: Request, res: Response) => {
    const { sort, direction, limit } = req.query as Record<string, string>
    res.json(await tickets.list(this.user(req).tenantId, { sort, direction, limit: Number(limit) || 50 }))
  }

  search = async (req: Request, res: Response) => {
    const term = this.param(req, 'q')
    res.json(await tickets.search(this.user(req).tenantId, term, req.query.status as string))
  }

  ordered = async (req: Request, res: Response) => {
    res.json(await tickets.ordered(this.user(req).tenantId, String(req.query.order)))
  }

  show = async (req: Request, res: Response) => {
    const ticket = await tickets.one(Number(req.params.id))
    res.json(ticket)
  }

  mine = async (req: Request, res: Response) => {
    const ticket = await tickets.mine(Number(req.params.id), this.user(req).id)
    res.json(ticket)
  }

  create = async (req: Request, res: Response) => {
    const { subject, body } = req.body
    const user = this.user(req)
    res.status(201).json(await tickets.create(user.id, user.tenantId, subject, body))
  }

  preview = (req: Request, res: Response) => {
    const { subject = 'Untitled', body = '' } = req.body
    res.send(`<article><h1>${subject}</h1><p>${body}</p></article>`)
  }

  rendered = (req: Request, res: Response) => {
    res.render('preview', { subject: req.body.subject, body: req.body.body })
  }
}
