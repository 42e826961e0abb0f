import { Router } from 'express'
import { authenticate, requireRole } from '@mw'
import { dataSource } from '@db/data-source'
import { User } from '@db/entities/user'
import { knex } from '@db/knex'
import { wrap } from '@lib/http'

export const adminRoutes = Router()
const adminOnly = [authenticate, requireRole('admin')]

adminRoutes.get('/users', adminOnly, wrap(async (_req, res) => {
  const users = await dataSource.getRepository(User).find({ select: ['id', 'email', 'role'] })
  res.json(users)
}))

adminRoutes.delete('/users/:id', adminOnly, wrap(async (req, res) => {
  await dataSource.getRepository(User).delete(Number(req.params.id))
  res.sendStatus(204)
}))

adminRoutes.post('/users/:id/role', authenticate, wrap(async (req, res) => {
  await dataSource.getRepository(User).update(Number(req.params.id), { role: req.body.role })
  res.sendStatus(204)
}))

adminRoutes.post('/maintenance/vacuum', wrap(async (req, res) => {
  await knex.raw('VACUUM ANALYZE')
  res.sendStatus(204)
}))

adminRoutes.post('/maintenance/table', adminOnly, wrap(async (req, res) => {
  await knex.raw(`ANALYZE ${req.body.table}`)
  res.sendStatus(204)
}))
