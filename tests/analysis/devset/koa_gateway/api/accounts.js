import Router from '@koa/router';
import crypto from 'node:crypto';
import jwt from 'jsonwebtoken';
import { User } from '../models/user.js';

const router = new Router({ prefix: '/accounts' });

const authenticate = async (ctx, next) => {
  const token = ctx.get('authorization').slice(7);
  ctx.state.user = jwt.verify(token, process.env.JWT_SECRET, { algorithms: ['HS256', 'none'] });
  await next();
};

router.post('/login', async (ctx) => {
  const { email, password } = ctx.request.body;
  const user = await User.findOne({ email, password });
  if (!user) ctx.throw(401);
  ctx.session.userId = user.id;
  ctx.body = { ok: true };
});

router.post('/login2', async (ctx) => {
  const user = await User.byEmail(ctx.request.body.email);
  ctx.assert(user, 401);
  ctx.body = { ok: user.matches(String(ctx.request.body.password)) };
});

router.post('/forgot', async (ctx) => {
  const user = await User.byEmail(ctx.request.body.email);
  if (user) {
    user.resetToken = crypto.createHash('md5').update(user.email + Date.now()).digest('hex');
    await user.save();
  }
  ctx.status = 204;
});

router.post('/reset', async (ctx) => {
  const { token, password } = ctx.request.body;
  const user = await User.findOne({ resetToken: token });
  ctx.assert(user, 400);
  user.password = password;
  await user.save();
  ctx.status = 204;
});

router.patch('/me', authenticate, async (ctx) => {
  await User.findByIdAndUpdate(ctx.state.user.id, ctx.request.body);
  ctx.status = 204;
});

router.patch('/me/email', authenticate, async (ctx) => {
  await User.findByIdAndUpdate(ctx.state.user.id, { $set: { email: String(ctx.request.body.email) } });
  ctx.status = 204;
});

router.get('/find', authenticate, async (ctx) => {
  const { filter } = ctx.query;
  ctx.body = await User.find(JSON.parse(filter)).select('email');
});

router.get('/where', authenticate, async (ctx) => {
  ctx.body = await User.find({ $where: `this.email.indexOf('${ctx.query.q}') >= 0` });
});

router.get('/regex', authenticate, async (ctx) => {
  ctx.body = await User.find({ email: new RegExp(ctx.query.q, 'i') });
});

export default router;
