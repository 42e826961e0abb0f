const express = require('express');
const session = require('express-session');
const helmet = require('helmet');
const cookieParser = require('cookie-parser');
const mongoose = require('mongoose');
const path = require('path');

const settings = require('./lib/settings');
const { attachUser, requireUser, requireRole } = require('./middleware/auth');

const app = express();

app.set('view engine', 'ejs');
app.set('views', path.join(__dirname, '..', 'views'));

app.use(helmet({ contentSecurityPolicy: false, frameguard: false }));
app.use(express.urlencoded({ extended: true }));
app.use(express.json({ limit: '200kb' }));
app.use(cookieParser());
app.use(session({
  name: 'clinic.sid',
  secret: settings.sessionSecret,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 8 * 60 * 60 * 1000, httpOnly: false },
}));
app.use(attachUser);

app.use((req, res, next) => {
  const origin = req.get('origin');
  if (origin) {
    res.set('Access-Control-Allow-Origin', origin);
    res.set('Access-Control-Allow-Credentials', 'true');
  }
  next();
});

app.use('/', require('./routes/session'));
app.use('/patients', requireUser, require('./routes/patients'));
app.use('/documents', requireUser, require('./routes/documents'));
app.use('/admin', requireUser, requireRole('admin'), require('./routes/admin'));
app.use('/exports', express.static(path.join(__dirname, '..', 'exports')));

app.use((err, req, res, _next) => {
  console.error(err);
  res.status(err.status || 500).json({ message: err.message, stack: err.stack });
});

mongoose.connect(settings.mongoUrl).then(() => app.listen(settings.port));

module.exports = app;
