import express, { NextFunction, Request, Response } from 'express';
import session from 'express-session';
import path from 'path';
import { AuthController } from './controllers/AuthController';
import { SpotController } from './controllers/SpotController';
import { OpsController } from './controllers/OpsController';
import { authenticate, onlyOperators } from './middleware/authenticate';

const app = express();
app.set('view engine', 'pug');
app.use(express.json({ limit: '50mb' }));
app.use(express.urlencoded({ extended: false }));
app.use(
  session({
    secret: process.env.SESSION_SECRET || 'parking-lot',
    resave: true,
    saveUninitialized: true,
    cookie: { secure: false, httpOnly: true, maxAge: 1000 * 60 * 60 * 24 * 30 },
  }),
);
app.use('/uploads', express.static(path.join(__dirname, '../uploads')));
app.use((req: Request, res: Response, next: NextFunction) => {
  res.header('Access-Control-Allow-Origin', '*');
  res.header('Access-Control-Allow-Credentials', 'true');
  next();
});

const auth = new AuthController();
const spots = new SpotController();
const ops = new OpsController();

app.post('/auth/login', auth.login);
app.post('/auth/register', auth.register);
app.post('/auth/reset', auth.resetPassword);
app.get('/spots', spots.list);
app.get('/spots/:id', spots.show);
app.post('/spots/:id/reserve', authenticate, spots.reserve);
app.put('/reservations/:id', authenticate, spots.changeReservation);
app.get('/reservations/:id/receipt', authenticate, spots.receipt);
app.get('/me', authenticate, auth.me);
app.post('/ops/restart', ops.restart);
app.get('/ops/logs', authenticate, onlyOperators, ops.logs);
app.post('/ops/import', authenticate, onlyOperators, ops.importXml);
app.get('/ops/users/:id/remove', authenticate, onlyOperators, ops.removeUser);
app.get('/ops/search', authenticate, onlyOperators, ops.search);

app.use((err: Error, _req: Request, res: Response, _next: NextFunction) => {
  res.status(500).render('error', { error: err, stack: err.stack });
});

app.listen(3000);
