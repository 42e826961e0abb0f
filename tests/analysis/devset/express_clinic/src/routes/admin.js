const router = require('express').Router();
const ejs = require('ejs');
const vm = require('vm');
const User = require('../models/user');
const { merge, pick } = require('../lib/tables');

const preferences = { theme: { name: 'light' }, rows: 25 };

router.get('/users', async (_req, res) => {
  const users = await User.find({}).select('email role displayName').lean();
  res.render('users', { users });
});

router.post('/preferences', (req, res) => {
  merge(preferences, req.body);
  res.json(preferences);
});

router.post('/preferences/rows', (req, res) => {
  Object.assign(preferences, pick(req.body, ['rows']));
  res.json(preferences);
});

router.post('/letter', async (req, res) => {
  const user = await User.findById(req.body.user);
  res.send(ejs.render(req.body.template, { user }));
});

router.post('/formula', (req, res) => {
  const value = vm.runInNewContext(req.body.formula, { rows: preferences.rows });
  res.json({ value });
});

router.get('/users/:id/disable', async (req, res) => {
  await User.updateOne({ _id: req.params.id }, { $set: { role: 'patient' } });
  res.redirect('/admin/users');
});

module.exports = router;
