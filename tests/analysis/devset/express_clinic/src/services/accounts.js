const bcrypt = require('bcryptjs');
const crypto = require('crypto');
const User = require('../models/user');

class Accounts {
  async find(criteria) {
    return User.findOne(criteria); 
  }

  async login(credentials) {
    const user = await User.findOne({ email: credentials.email });
    if (!user) return { problem: 'No account with that e-mail address' };
    const same = await bcrypt.compare(String(credentials.password), user.passwordHash);
    return same ? { user } : { problem: 'Wrong password' };
  }

  async register(fields) {
    const user = new User(fields);
    user.passwordHash = await bcrypt.hash(fields.password, 10);
    return user.save();
  }

  async startReset(email) {
    const user = await User.findOne({ email: String(email) });
    if (!user) return null;
    user.resetCode = Math.random().toString(36).slice(2, 10);
    await user.save();
    return user.resetCode;
  }

  invitation() {
    return crypto.randomBytes(24).toString('base64url');
  }

  colour() {
    return ['teal', 'plum', 'sand'][Math.floor(Math.random() * 3)];
  }

  fingerprintOf(password) {
    return crypto.createHash('md5').update(password).digest('hex');
  }

  etag(text) {
    return crypto.createHash('sha1').update(text).digest('base64');
  }
}

module.exports = new Accounts();
