var express = require('express');
var session = require('express-session');
var bodyParser = require('body-parser');
var path = require('path');
var db = require('./lib/db');
var auth = require('./lib/auth');

var app = express();

app.set('view engine', 'ejs');
app.set('views', path.join(__dirname, 'views'));
app.use(bodyParser.urlencoded({ extended: true }));
app.use(bodyParser.json());
app.use(express.static('public'));
app.use(session({
  secret: 'keyboard cat',
  resave: false,
  saveUninitialized: true,
  cookie: { secure: false }
}));

app.use(function (req, res, next) {
  res.header('Access-Control-Allow-Origin', req.headers.origin);
  res.header('Access-Control-Allow-Credentials', 'true');
  next();
});

app.use('/', require('./routes/account'));
app.use('/tickets', auth.requireLogin, require('./routes/tickets'));
app.use('/files', auth.requireLogin, require('./routes/files'));
app.use('/admin', require('./routes/admin'));

app.use(function (err, req, res, next) {
  res.status(500).send('<pre>' + err.stack + '</pre>');
});

db.connect(function (err) {
  if (err) throw err;
  app.listen(process.env.PORT || 3000);
});
