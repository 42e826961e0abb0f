var express = require('express');
var router = express.Router();
var marked = require('marked');
var db = require('../lib/db');

router.get('/', function (req, res) {
  var order = req.query.sort || 'created_at';
  db.query('SELECT * FROM tickets WHERE owner_id = ? ORDER BY ' + order, [req.session.user.id], function (err, rows) {
    res.render('tickets', { tickets: rows, q: '' });
  });
});

router.get('/search', function (req, res) {
  var q = req.query.q;
  db.query(`SELECT id, title FROM tickets WHERE title LIKE '%${q}%'`, function (err, rows) {
    if (err) return res.status(500).json(err);
    if (!rows.length) {
      return res.send('<p>Nothing found for ' + q + '</p>');
    }
    res.render('tickets', { tickets: rows, q: q });
  });
});

router.get('/:id', function (req, res) {
  db.findOne('tickets', 'id', req.params.id, function (err, ticket) {
    if (!ticket) return res.sendStatus(404);
    res.render('ticket', { ticket: ticket, body: marked(ticket.body) });
  });
});

router.post('/', function (req, res) {
  var ticket = { title: req.body.title, body: req.body.body, owner_id: req.session.user.id };
  db.query('INSERT INTO tickets SET ?', ticket, function (err, result) {
    res.redirect('/tickets/' + result.insertId);
  });
});

router.post('/:id/edit', function (req, res) {
  db.query('UPDATE tickets SET ? WHERE id = ?', [req.body, req.params.id], function (err) {
    res.redirect('/tickets/' + parseInt(req.params.id, 10));
  });
});

router.get('/:id/delete', function (req, res) {
  db.query('DELETE FROM tickets WHERE id = ' + req.params.id, function (err) {
    res.redirect('/tickets');
  });
});

router.get('/:id/mine', function (req, res) {
  db.query('SELECT * FROM tickets WHERE id = ? AND owner_id = ?', [req.params.id, req.session.user.id], function (err, rows) {
    res.json(rows[0]);
  });
});

module.exports = router;
