const express = require('express');
const session = require('express-session');
const bodyParser = require('body-parser');
const fileUpload = require('express-fileupload');
const cors = require('cors');
const config = require('./config');

const app = express();
app.set('view engine', 'ejs');
app.use(bodyParser.urlencoded({ extended: true }));
app.use(bodyParser.json());
app.use(fileUpload());
app.use(cors({ origin: (origin, callback) => callback(null, origin), credentials: true }));
app.use(session({ secret: config.session.secret, resave: false, saveUninitialized: true, cookie: { sameSite: 'lax', secure: true } }));
app.use(express.static('public'));
app.use('/', require('./routes'));
app.use((err, req, res, next) => {
  res.status(500).send('<pre>' + err.stack + '</pre>');
});
app.listen(3000);
