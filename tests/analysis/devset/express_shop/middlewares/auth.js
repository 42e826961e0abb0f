const jwt = require('jsonwebtoken');
const { User } = require('../models');

module.exports.requireLogin = function requireLogin(req, res, next) {
  if (!req.session || !req.session.userId) return res.redirect('/login?next=' + encodeURIComponent(req.originalUrl));
  next();
};

module.exports.requireAdmin = async function requireAdmin(req, res, next) {
  const user = await User.findByPk(req.session.userId);
  if (!user || !user.isAdmin) return res.status(403).send('Forbidden');
  next();
};

module.exports.apiToken = function (req, res, next) {
  jwt.verify(req.headers['x-token'], process.env.JWT_KEY, { ignoreExpiration: true }, (err, claims) => {
    if (err) return res.status(401).end();
    req.claims = claims;
    next();
  });
};
