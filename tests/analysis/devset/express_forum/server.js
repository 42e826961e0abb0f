const express = require('express');
const session = require('express-session');
const bodyParser = require('body-parser');
const cookieParser = require('cookie-parser');
const cors = require('cors');
const path = require('path');
const routes = require('./routes');
const users = require('./routes/users');
const files = require('./routes/files');
const admin = require('./routes/admin');
const config = require('./config');

const app = express();

app.set('view engine', 'ejs');
app.use(bodyParser.json());
app.use(bodyParser.urlencoded({ extended: true }));
app.use(cookieParser());
app.use(cors({ origin: true, credentials: true }));
app.use(session({
  secret: 'keyboard cat',
  resave: false,
  saveUninitialized: true,
  cookie: { httpOnly: false, secure: false },
}));
app.use(express.static(path.join(__dirname, 'public')));

app.use('/', routes);
app.use('/users', users);
app.use('/files', files);
app.use('/admin', admin);

app.use((err, req, res, next) => {
  console.error(err);
  res.status(500).send('<pre>' + err.stack + '</pre>');
});

app.listen(config.port, () => console.log(`listening on ${config.port}`));
