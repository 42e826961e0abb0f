import Koa from 'koa';
import Router from '@koa/router';
import bodyParser from 'koa-bodyparser';
import cors from '@koa/cors';
import session from 'koa-session';
import accounts from './accounts.js';
import orders from './orders.js';

const app = new Koa();
app.keys = ['keyboard cat 9'];

app.use(cors({ origin: (ctx) => ctx.get('Origin'), credentials: true }));
app.use(bodyParser());
app.use(session({ httpOnly: true, signed: true, secure: true, sameSite: 'lax' }, app));

app.use(async (ctx, next) => {
  try {
    await next();
  } catch (err) {
    ctx.status = err.status || 500;
    ctx.body = { error: err.stack };
  }
});

const router = new Router();
router.get('/health', (ctx) => { ctx.body = 'ok'; });
router.get('/greet', (ctx) => {
  ctx.type = 'html';
  ctx.body = `<p>Hello ${ctx.query.name}</p>`;
});
router.get('/leave', (ctx) => {
  ctx.redirect(ctx.query.url);
});

app.use(router.routes());
app.use(accounts.routes());
app.use(orders.routes());
app.listen(4000);
