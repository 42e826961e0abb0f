import { Express, Router, raw } from 'express'
import { authenticate, requireRole, partnerToken, loginLimiter, upload, avatarUpload } from '@mw'
import { wrap } from '@lib/http'
import { TicketController } from '../controllers/ticket-controller'
import { AccountController } from '../controllers/account-controller'
import * as reports from '../controllers/report-controller'
import { adminRoutes } from './admin'

const ticketRoutes = (controller: TicketController): Router => {
  const router = Router()
  router.use(authenticate)
  router.get('/', wrap(controller.list))
  router.get('/search', wrap(controller.search))
  router.get('/ordered', wrap(controller.ordered))
  router.get('/mine/:id', wrap(controller.mine))
  router.get('/:id', wrap(controller.show))
  router.post('/', wrap(controller.create))
  router.post('/preview', controller.preview)
  router.post('/rendered', controller.rendered)
  return router
}

const accountRoutes = (controller: AccountController): Router =>
  Router()
    .post('/register', loginLimiter, wrap(controller.register))
    .post('/login', loginLimiter, wrap(controller.login))
    .get('/after', controller.after)
    .get('/after-local', controller.afterLocal)
    .post('/forgot', loginLimiter, wrap(controller.forgot))
    .get('/me', authenticate, wrap(controller.me))
    .get('/profile', authenticate, wrap(controller.profile))
    .patch('/me', authenticate, wrap(controller.update))
    .put('/preferences', authenticate, controller.savePreferences)
    .get('/find', authenticate, requireRole('agent'), wrap(controller.find))
    .post('/avatar', authenticate, avatarUpload.single('avatar'), (req, res) => res.json({ name: req.file?.filename }))
    .post('/files', authenticate, upload.array('files', 4), (req, res) => res.sendStatus(201))

const reportRoutes = Router()
reportRoutes.post('/hook', raw({ type: '*/*' }), reports.hook)
reportRoutes.get('/partner', partnerToken, wrap(reports.partner))
reportRoutes.use(authenticate)
reportRoutes.post('/', wrap(reports.render))
reportRoutes.get('/templates/:name', wrap(reports.template))
reportRoutes.get('/attachment', wrap(reports.attachment))
reportRoutes.post('/formula', reports.formula)
reportRoutes.get('/totals', wrap(reports.totals))
reportRoutes.get('/overdue', wrap(reports.overdue))
reportRoutes.get('/invoices/:id', wrap(reports.invoice))
reportRoutes.get('/invoices/:id/pdf', wrap(reports.invoicePdf))
reportRoutes.post('/check', wrap(reports.check))

export function mountRoutes(app: Express): void {
  app.use('/tickets', ticketRoutes(new TicketController()))
  app.use('/accounts', accountRoutes(new AccountController()))
  app.use('/reports', reportRoutes)
  app.use('/admin', adminRoutes)
}
