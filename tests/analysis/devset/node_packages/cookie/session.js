const crypto = require('crypto');

const SECRET = process.env.COOKIE_SECRET;

function sign(value) {
  return value + '.' + crypto.createHmac('sha256', SECRET).update(value).digest('base64');
}

function unsign(input) {
  const value = input.slice(0, input.lastIndexOf('.'));
  return sign(value) === input ? value : false;
}

function unsignSafe(input) {
  const value = input.slice(0, input.lastIndexOf('.'));
  const a = Buffer.from(sign(value));
  const b = Buffer.from(input);
  return a.length === b.length && crypto.timingSafeEqual(a, b) ? value : false;
}

function newSessionId() {
  return Date.now().toString(36) + Math.random().toString(36).slice(2);
}

function middleware(req, res, next) {
  const raw = (req.headers.cookie || '').split('sid=')[1];
  req.session = raw ? JSON.parse(Buffer.from(raw, 'base64').toString()) : {};
  res.setHeader('Set-Cookie', 'sid=' + newSessionId() + '; Path=/');
  next();
}

module.exports = { sign, unsign, unsignSafe, newSessionId, middleware };
