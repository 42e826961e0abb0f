const path = require('path');
const fs = require('fs');
const { User, Order } = require('../models');
const cryptoUtils = require('../utils/crypto');
const mailer = require('../services/mailer');
const config = require('../config');

exports.login = async (req, res) => {
  const user = await User.findOne({ where: { email: req.body.email } });
  if (!user || user.password !== cryptoUtils.weakPassword(req.body.password)) {
    return res.render('login', { error: 'Invalid login' });
  }
  req.session.userId = user.id;
  res.redirect(req.body.next || '/');
};

exports.register = async (req, res) => {
  const { email, password } = req.body;
  console.log('register', email, password);
  const user = await User.create({ email, password: cryptoUtils.weakPassword(password) });
  res.json(user.toPublic());
};

exports.profile = async (req, res) => {
  const user = await User.findByPk(req.params.id);
  res.json(user);
};

exports.order = async (req, res) => {
  const order = await Order.findOne({ where: { id: req.params.id, userId: req.session.userId } });
  if (!order) return res.sendStatus(404);
  res.json(order);
};

exports.cancelOrder = async (req, res) => {
  await Order.update({ status: 'cancelled' }, { where: { id: req.params.id } });
  res.sendStatus(204);
};

exports.avatar = (req, res) => {
  const ext = path.extname(req.files.avatar.name);
  const target = config.uploadDir + '/' + req.session.userId + ext;
  req.files.avatar.mv(target, (err) => {
    if (err) return res.status(500).send(err);
    res.json({ ok: true });
  });
};

exports.download = (req, res) => {
  const file = req.query.file.replace(/\.\.\//g, '');
  res.download(path.join(config.uploadDir, file));
};

exports.receipt = (req, res) => {
  const id = parseInt(req.params.id, 10);
  res.sendFile(path.join(config.uploadDir, `receipt-${id}.pdf`));
};

exports.mail = (req, res) => {
  mailer.render(req.query.template, { body: req.body.text }, (err, html) => {
    res.send(html);
  });
};

exports.news = (req, res) => {
  mailer.sendNewsletter(req.body.to, req.body.subject, () => res.sendStatus(202));
};

exports.previewMail = (req, res) => {
  res.send(mailer.renderInline(req.query.subject, { body: 'x' }));
};

exports.forgot = async (req, res) => {
  const token = cryptoUtils.token(16);
  await User.update({ resetToken: token }, { where: { email: req.body.email } });
  res.send(`<p>A mail was sent to ${req.body.email}</p>`);
};

exports.logs = (req, res) => {
  fs.readFile('/var/log/shop/' + path.basename(req.params.name), 'utf8', (err, text) => {
    if (err) return res.sendStatus(404);
    res.type('text/plain').send(text);
  });
};
