const crypto = require('crypto');

const KEY = 'a3f1c9d27be84650';
exports.encrypt = function (text) {
  const cipher = crypto.createCipheriv('aes-128-ecb', KEY, null);
  return cipher.update(text, 'utf8', 'base64') + cipher.final('base64');
};

exports.token = function (length) {
  const chars = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let token = '';
  for (let i = 0; i < length; i++) {
    token += chars.charAt(Math.floor(Math.random() * chars.length));
  }
  return token;
};

exports.hashPassword = (password, salt) => crypto.pbkdf2Sync(password, salt, 210000, 32, 'sha512').toString('hex');
exports.weakPassword = (password) => crypto.createHash('sha256').update(password).digest('hex');
exports.checksum = (buffer) => crypto.createHash('md5').update(buffer).digest('hex');
exports.same = (a, b) => crypto.timingSafeEqual(Buffer.from(a), Buffer.from(b));
