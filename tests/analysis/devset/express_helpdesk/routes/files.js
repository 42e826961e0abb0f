var express = require('express');
var fs = require('fs');
var path = require('path');
var multer = require('multer');
var libxml = require('libxmljs');
var request = require('request');
var router = express.Router();

var storage = multer.diskStorage({
  destination: 'public/uploads',
  filename: function (req, file, cb) {
    cb(null, file.originalname);
  }
});
var upload = multer({ storage: storage });

router.post('/', upload.single('attachment'), function (req, res) {
  res.send('/uploads/' + encodeURIComponent(req.file.filename));
});

router.get('/download', function (req, res) {
  var file = path.join(__dirname, '../uploads', req.query.name);
  fs.readFile(file, function (err, data) {
    if (err) return res.sendStatus(404);
    res.end(data);
  });
});

router.get('/safe-download', function (req, res) {
  var name = path.basename(req.query.name);
  res.sendFile(path.join(__dirname, '../uploads', name));
});

router.post('/import', function (req, res) {
  var doc = libxml.parseXmlString(req.body.xml, { noent: true, dtdload: true });
  res.json({ title: doc.get('//title').text() });
});

router.get('/preview', function (req, res) {
  request(req.query.url, function (err, response, body) {
    res.send(body);
  });
});

router.get('/log', function (req, res) {
  fs.createReadStream('/var/log/helpdesk/' + req.query.day + '.log').pipe(res);
});

router.get('/calc', function (req, res) {
  var hours = eval('(' + req.query.expr + ')');
  res.send({ hours: hours });
});

module.exports = router;
