const request = require('request');
const https = require('https');

function get(url, cb) {
  request({ url: url, method: 'GET', strictSSL: false }, cb);
}

const agent = new https.Agent({ rejectUnauthorized: false });

module.exports = {
  get,
  agent,
  fetchStock: (sku, cb) => get('https://stock.example.com/api/' + encodeURIComponent(sku), cb),
};
