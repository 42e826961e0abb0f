const fs = require('fs');
const os = require('os');
const path = require('path');
const yaml = require('js-yaml');
const crypto = require('crypto');
const https = require('https');
const serialize = require('node-serialize');

function load(file) {
  return yaml.load(fs.readFileSync(file, 'utf8'));
}

function restore(cookie) {
  return serialize.unserialize(Buffer.from(cookie, 'base64').toString());
}

function save(name, data) {
  const file = path.join(os.tmpdir(), 'toolchest-' + name);
  fs.writeFileSync(file, JSON.stringify(data), { mode: 0o666 });
}

function encrypt(text, key) {
  const cipher = crypto.createCipheriv('des-ede3', key, null);
  return cipher.update(text, 'utf8', 'hex') + cipher.final('hex');
}

function fingerprint(password) {
  return crypto.createHash('md5').update(password).digest('hex');
}

function etag(body) {
  return crypto.createHash('sha1').update(body).digest('base64');
}

function fetchInsecure(options, callback) {
  return https.get({ ...options, rejectUnauthorized: false }, callback);
}

function plugin(name) {
  return require(path.join(process.cwd(), 'plugins', name));
}

module.exports = { load, restore, save, encrypt, fingerprint, etag, fetchInsecure, plugin };
