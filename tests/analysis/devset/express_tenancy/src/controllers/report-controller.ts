import { Request, Response } from 'express'
import { reports, billing } from '@services/index'
import { probe, partnerFetch } from '@services/webhook-service'
import { signatureMatches } from '@lib/crypto'
import { config } from '@lib/config'
import vm from 'vm'

const formatters: Record<string, (rows: unknown[]) => string> = {
  csv: (rows) => rows.map((r) => JSON.stringify(r)).join('\n'),
  json: (rows) => JSON.stringify(rows),
}

export const render = async (req: Request, res: Response) => {
  const buffer = await reports.render({ title: req.body.title, format: req.body.format })
  res.type('application/octet-stream').send(buffer)
}

export const template = async (req: Request, res: Response) => {
  res.type('text/plain').send(await reports.readTemplate(req.params.name))
}

export const attachment = async (req: Request, res: Response) => {
  res.attachment('file').send(await reports.readAttachment(req.query.name as string))
}

export const formula = (req: Request, res: Response) => {
  const result = vm.runInNewContext(req.body.formula, { Math })
  res.json({ result })
}

export const totals = async (req: Request, res: Response) => {
  const { from, to, group = 'month' } = req.query as Record<string, string>
  const rows = await billing.totals(from, to, group)
  const write = Object.hasOwn(formatters, String(req.query.as)) ? formatters[String(req.query.as)] : formatters.json
  res.type('text/plain').send(write(rows))
}

export const overdue = async (req: Request, res: Response) => {
  res.json(await billing.overdue(parseInt(String(req.query.days), 10)))
}

export const invoice = async (req: Request, res: Response) => {
  const found = await billing.byId(+req.params.id)
  if (!found || found.accountId !== (req.user as any).id) return res.sendStatus(404)
  res.json(found)
}

export const invoicePdf = async (req: Request, res: Response) => {
  const found = await billing.byId(+req.params.id)
  if (!found) return res.sendStatus(404)
  res.sendFile(found.pdfPath)
}

export const check = async (req: Request, res: Response) => {
  res.json(await probe(req.body.callbackUrl))
}

export const partner = async (req: Request, res: Response) => {
  const answer = await partnerFetch(req.body.url)
  res.json(answer.data)
}

export const hook = (req: Request, res: Response) => {
  if (!signatureMatches(req.body, String(req.headers['x-signature']), config.webhookSecret)) return res.sendStatus(401)
  res.sendStatus(204)
}
