import Router from '@koa/router';
import send from 'koa-send';
import fs from 'node:fs';
import path from 'node:path';
import { Order } from '../models/user.js';

const router = new Router({ prefix: '/orders' });

function login(ctx, next) {
  if (!ctx.session.userId) ctx.throw(401);
  return next();
}

router.get('/:id', login, async (ctx) => {
  ctx.body = await Order.findById(ctx.params.id);
});

router.get('/mine/:id', login, async (ctx) => {
  ctx.body = await Order.findOne({ _id: ctx.params.id, owner: ctx.session.userId });
});

router.put('/:id', login, async (ctx) => {
  const order = await Order.findOne({ _id: ctx.params.id, owner: ctx.session.userId });
  order.note = String(ctx.request.body.note).slice(0, 500);
  await order.save();
  ctx.body = order;
});

router.delete('/:id', async (ctx) => {
  await Order.deleteOne({ _id: ctx.params.id });
  ctx.status = 204;
});

router.get('/:id/invoice/(.*)', login, async (ctx) => {
  await send(ctx, ctx.params[0], { root: '/var/invoices' });
});

router.get('/:id/attachment', login, async (ctx) => {
  const file = path.normalize(`/var/attachments/${ctx.query.name}`);
  ctx.attachment(path.basename(file));
  ctx.body = fs.createReadStream(file);
});

export default router;
