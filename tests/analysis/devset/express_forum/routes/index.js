const express = require('express');
const { exec, execFile } = require('child_process');
const { query, findByTag, findPost } = require('../db');
const { requireLogin } = require('../middleware/auth');

const router = express.Router();
const SORTS = { new: 'created_at DESC', top: 'votes DESC' };

router.get('/', async (req, res) => {
  const sort = SORTS[req.query.sort] || SORTS.new;
  const posts = await query(`SELECT id, title FROM posts ORDER BY ${sort} LIMIT 50`);
  res.render('index', { posts, user: req.session.user });
});

router.get('/tag', async (req, res) => {
  res.json(await findByTag(req.query.name));
});

router.get('/post/:id', async (req, res) => {
  const post = await findPost(req.params.id);
  if (!post) return res.status(404).send('No such post');
  res.render('post', { post });
});

router.get('/search', async (req, res) => {
  const q = req.query.q || '';
  const posts = await query(`SELECT id, title FROM posts WHERE title LIKE '%${q}%'`);
  if (posts.length === 0) {
    res.send(`<h1>No results for ${q}</h1>`);
    return;
  }
  res.render('index', { posts, user: req.session.user });
});

router.post('/post', requireLogin, async (req, res) => {
  const { title, body } = req.body;
  const done = await query('INSERT INTO posts (title, body, author) VALUES (?, ?, ?)', [title, body, req.session.user.id]);
  res.redirect(`/post/${done.insertId}`);
});

router.post('/post/:id/delete', requireLogin, async (req, res) => {
  await query('DELETE FROM posts WHERE id = ?', [req.params.id]);
  res.redirect('/');
});

router.post('/post/:id/edit', requireLogin, async (req, res) => {
  const post = await findPost(req.params.id);
  if (!post || post.author !== req.session.user.id) return res.sendStatus(403);
  await query('UPDATE posts SET body = ? WHERE id = ?', [req.body.body, req.params.id]);
  res.redirect(`/post/${post.id}`);
});

router.get('/out', (req, res) => {
  res.redirect(req.query.url);
});

router.get('/whois', (req, res) => {
  exec('whois ' + req.query.domain, (err, stdout) => {
    res.type('text').send(stdout);
  });
});

router.get('/dig', (req, res) => {
  const domain = String(req.query.domain);
  if (!/^[a-z0-9.]+$/i.test(domain)) return res.sendStatus(400);
  execFile('dig', ['+short', domain], (err, stdout) => {
    res.type('text').send(stdout);
  });
});

router.get('/calc', (req, res) => {
  const result = eval(req.query.expr);
  res.json({ result });
});

module.exports = router;
