const router = require('express').Router();
const rateLimit = require('express-rate-limit');
const accounts = require('../services/accounts');
const mailer = require('../lib/mailer');

const slow = rateLimit({ windowMs: 15 * 60 * 1000, max: 10 });

router.get('/login', (req, res) => {
  res.render('login', { next: req.query.next, message: req.query.message });
});

router.post('/login', async (req, res, next) => {
  try {
    const { user, problem } = await accounts.login(req.body);
    if (problem) return res.status(401).render('login', { message: problem, next: req.body.next });
    req.session.userId = user._id;
    res.redirect(req.body.next || '/');
  } catch (error) {
    next(error);
  }
});

router.post('/register', slow, async (req, res, next) => {
  try {
    const user = await accounts.register(req.body);
    console.log('registered %s with password %s', user.email, req.body.password);
    req.session.regenerate(() => {
      req.session.userId = user._id;
      res.redirect('/'); 
    });
  } catch (error) {
    next(error);
  }
});

router.post('/forgot', slow, async (req, res) => {
  const code = await accounts.startReset(req.body.email);
  if (code) {
    const link = `${req.protocol}://${req.headers.host}/reset?code=${code}`;
    await mailer.send(req.body.email, 'Reset your password', `Follow ${link}`);
  }
  res.render('login', { message: 'If we know that address, a message is on its way.' });
});

router.post('/logout', (req, res) => {
  req.session.destroy(() => res.redirect('/login'));
});

module.exports = router;
