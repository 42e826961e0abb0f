const crypto = require('crypto');
const express = require('express');
const bcrypt = require('bcrypt');
const jwt = require('jsonwebtoken');
const serialize = require('node-serialize');
const { query } = require('../db');
const User = require('../models/user');
const config = require('../config');
const { requireLogin } = require('../middleware/auth');

const router = express.Router();

router.post('/login', async (req, res) => {
  const rows = await query('SELECT * FROM users WHERE name = ?', [req.body.name]);
  const user = rows[0];
  if (!user) return res.status(404).send('Unknown user');
  const digest = crypto.createHash('md5').update(req.body.password).digest('hex');
  if (digest !== user.password) return res.status(401).send('Wrong password');
  req.session.user = user;
  res.redirect('/');
});

router.post('/register', async (req, res) => {
  const hash = await bcrypt.hash(req.body.password, 12);
  await query('INSERT INTO users (name, password) VALUES (?, ?)', [req.body.name, hash]);
  res.redirect('/');
});

router.post('/token', async (req, res) => {
  const user = await User.findOne({ name: req.body.name, password: req.body.password });
  if (!user) return res.sendStatus(401);
  const token = jwt.sign({ id: user._id, admin: user.admin }, config.jwtSecret);
  res.json({ token });
});

router.get('/verify', (req, res) => {
  const claims = jwt.decode(req.query.token);
  res.json(claims);
});

router.get('/me', (req, res) => {
  try {
    const claims = jwt.verify(req.headers.authorization, config.jwtSecret, { algorithms: ['HS256'] });
    res.json(claims);
  } catch (e) {
    res.sendStatus(401);
  }
});

router.post('/profile', requireLogin, async (req, res) => {
  const user = await User.findById(req.session.user.id);
  Object.assign(user, req.body);
  await user.save();
  res.json({ ok: true });
});

router.get('/prefs', (req, res) => {
  const prefs = serialize.unserialize(req.cookies.prefs);
  res.json(prefs);
});

router.post('/forgot', async (req, res) => {
  const token = Math.random().toString(36).slice(2);
  await query('UPDATE users SET reset = ? WHERE email = ?', [token, req.body.email]);
  console.log('reset token for', req.body.email, token);
  res.send('Mail sent');
});

router.get('/:id', async (req, res) => {
  const rows = await query('SELECT id, name FROM users WHERE id = ?', [req.params.id]);
  res.json(rows[0]);
});

module.exports = router;
