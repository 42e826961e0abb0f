const express = require('express');
const { query } = require('../db');
const { requireAdmin } = require('../middleware/auth');

const router = express.Router();

router.get('/', requireAdmin, async (req, res) => {
  res.render('admin', { users: await query('SELECT id, name FROM users') });
});

router.post('/ban/:id', requireAdmin, async (req, res) => {
  await query('UPDATE users SET banned = 1 WHERE id = ?', [req.params.id]);
  res.redirect('/admin');
});

router.post('/promote/:id', async (req, res) => {
  await query('UPDATE users SET admin = 1 WHERE id = ?', [req.params.id]);
  res.redirect('/admin');
});

router.post('/merge', requireAdmin, (req, res) => {
  const settings = {};
  merge(settings, req.body);
  res.json(settings);
});

function merge(target, source) {
  for (const key in source) {
    if (typeof source[key] === 'object') {
      target[key] = target[key] || {};
      merge(target[key], source[key]);
    } else {
      target[key] = source[key];
    }
  }
  return target;
}

module.exports = router;
