function requireLogin(req, res, next) {
  if (!req.session.user) return res.redirect('/login');
  next();
}

function requireAdmin(req, res, next) {
  if (!req.session.user || !req.session.user.admin) return res.sendStatus(403);
  next();
}

module.exports = { requireLogin, requireAdmin };
