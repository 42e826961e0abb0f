const express = require('express');
const fs = require('fs');
const http = require('http');
const path = require('path');
const multer = require('multer');
const axios = require('axios');
const https = require('https');
const config = require('../config');
const { requireLogin } = require('../middleware/auth');

const router = express.Router();
const upload = multer({
  storage: multer.diskStorage({
    destination: config.uploads,
    filename: (req, file, cb) => cb(null, file.originalname),
  }),
});
const agent = new https.Agent({ rejectUnauthorized: false });

router.post('/', requireLogin, upload.single('file'), (req, res) => {
  res.json({ name: req.file.filename });
});

router.get('/download', (req, res) => {
  res.sendFile(path.join(config.uploads, req.query.name));
});

router.get('/raw', (req, res) => {
  fs.readFile(config.uploads + '/' + req.query.name, (err, data) => {
    if (err) return res.sendStatus(404);
    res.send(data);
  });
});

router.get('/safe/:name', (req, res) => {
  res.sendFile(path.basename(req.params.name), { root: config.uploads });
});

router.post('/import', requireLogin, async (req, res) => {
  const reply = await axios.get(req.body.url, { httpsAgent: agent });
  res.send(reply.data);
});

router.get('/status', async (req, res) => {
  const reply = await axios.get('https://status.example.org/api', { params: { page: req.query.page } });
  res.json(reply.data);
});

module.exports = router;
