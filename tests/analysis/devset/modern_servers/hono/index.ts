import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { html, raw } from 'hono/html';
import { setCookie } from 'hono/cookie';
import { Database } from 'bun:sqlite';

const db = new Database('app.sqlite');
const app = new Hono();

app.use('*', cors({ origin: (origin) => origin, credentials: true }));

app.get('/search', (c) => {
  const q = c.req.query('q') ?? '';
  const rows = db.query(`SELECT * FROM items WHERE name LIKE '%${q}%'`).all();
  return c.json(rows);
});

app.get('/search/safe', (c) => {
  const q = c.req.query('q') ?? '';
  return c.json(db.query('SELECT * FROM items WHERE name LIKE ?').all(`%${q}%`));
});

app.get('/hello/:name', (c) => {
  return c.html(`<h1>Hello ${c.req.param('name')}</h1>`);
});

app.get('/safe/:name', (c) => c.html(html`<h1>Hello ${c.req.param('name')}</h1>`));

app.get('/go', (c) => c.redirect(c.req.query('to')!));

app.post('/run', async (c) => {
  const { cmd } = await c.req.json();
  const proc = Bun.spawn(['sh', '-c', cmd]);
  return c.text(await new Response(proc.stdout).text());
});

app.get('/file/:name', async (c) => {
  const file = Bun.file(`./files/${c.req.param('name')}`);
  return new Response(file);
});

app.post('/login', async (c) => {
  const body = await c.req.parseBody();
  setCookie(c, 'session', crypto.randomUUID(), { httpOnly: false });
  return c.text(String(body.user));
});

export default app;
