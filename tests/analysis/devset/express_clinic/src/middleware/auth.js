const jwt = require('jsonwebtoken');
const User = require('../models/user');
const settings = require('../lib/settings');

async function attachUser(req, _res, next) {
  try {
    if (req.session.userId) {
      req.user = await User.findById(req.session.userId).select('-passwordHash');
    } else if (req.get('authorization')) {
      const token = req.get('authorization').replace(/^Bearer /, '');
      const claims = jwt.decode(token);
      req.user = await User.findById(claims.sub);
    }
    next();
  } catch (error) {
    next(error);
  }
}

function verifyPartner(req, res, next) {
  try {
    req.partner = jwt.verify(req.get('x-partner-token'), settings.tokenKey, { algorithms: ['HS256'] });
    next();
  } catch {
    res.sendStatus(401);
  }
}

function requireUser(req, res, next) {
  if (!req.user) return res.redirect('/login?next=' + encodeURIComponent(req.originalUrl));
  next();
}

const requireRole = (...roles) => (req, res, next) =>
  roles.includes(req.user.role) ? next() : res.status(403).render('error', { message: 'Not for you' });

module.exports = { attachUser, requireUser, requireRole, verifyPartner };
