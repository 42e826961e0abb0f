#!/usr/bin/env node
const { execSync, exec } = require('child_process');
const fs = require('fs');
const path = require('path');
const https = require('https');
const crypto = require('crypto');

function install(pkg, options) {
  const manager = options.yarn ? 'yarn add' : 'npm install';
  execSync(`${manager} ${pkg}`, { stdio: 'inherit' });
}

function open(url) {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  exec(command + ' ' + url);
}

function kill(pid) {
  exec('kill -9 ' + Number(pid));
}

function download(url, file, done) {
  https.get(url, (res) => res.pipe(fs.createWriteStream(file)).on('finish', done));
}

function verify(file, expected) {
  const digest = crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  return digest === expected;
}

function cacheFile(name) {
  const file = path.join('/tmp', 'pm-cache-' + name);
  fs.writeFileSync(file, '{}');
  fs.chmodSync(file, 0o777);
}

module.exports = { install, open, kill, download, verify, cacheFile };
