const Koa = require('koa');
const Router = require('@koa/router');
const session = require('koa-session');
const axios = require('axios');
const fs = require('fs');
const crypto = require('crypto');
const { Client } = require('pg');

const app = new Koa();
const router = new Router();
const db = new Client();
app.keys = ['koa-session-key'];
app.use(session({ httpOnly: false, secure: false, maxAge: 31536000000 }, app));

router.get('/user/:name', async (ctx) => {
  const result = await db.query("SELECT * FROM users WHERE name = '" + ctx.params.name + "'");
  ctx.body = result.rows[0];
});

router.get('/hello', async (ctx) => {
  ctx.type = 'html';
  ctx.body = '<p>' + ctx.query.name + '</p>';
});

router.get('/hook', async (ctx) => {
  const reply = await axios.post(ctx.query.url, {});
  ctx.body = { status: reply.status };
});

router.get('/read', async (ctx) => {
  ctx.body = fs.createReadStream('./data/' + ctx.query.file);
});

router.get('/leave', async (ctx) => {
  ctx.redirect(ctx.query.to);
});

router.post('/code', async (ctx) => {
  ctx.session.code = (Math.random() + 1).toString(36).substring(7);
  ctx.session.nonce = crypto.randomUUID();
  ctx.cookies.set('code', ctx.session.code, { httpOnly: false });
  ctx.body = 'sent';
});

app.use(async (ctx, next) => {
  try {
    await next();
  } catch (err) {
    ctx.status = 500;
    ctx.body = err.stack;
  }
});
app.use(router.routes());
app.listen(3001);
