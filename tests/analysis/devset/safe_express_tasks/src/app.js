import express from 'express';
import session from 'express-session';
import connectPg from 'connect-pg-simple';
import cookieParser from 'cookie-parser';
import helmet from 'helmet';
import rateLimit from 'express-rate-limit';
import { doubleCsrf } from 'csrf-csrf';
import { pool } from './db.js';
import { tasks } from './tasks.js';
import { users } from './users.js';

const secret = process.env.SESSION_SECRET;
if (!secret) {
  throw new Error('SESSION_SECRET is not set');
}

const { doubleCsrfProtection } = doubleCsrf({ getSecret: () => process.env.CSRF_SECRET });
const PgStore = connectPg(session);

export const app = express();
app.disable('x-powered-by');
app.use(helmet());
app.use(express.json({ limit: '100kb' }));
app.use(cookieParser());
app.use(rateLimit({ windowMs: 60_000, limit: 100 }));
app.use(
  session({
    name: '__Host-tasks',
    secret,
    store: new PgStore({ pool }),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, secure: true, sameSite: 'lax', maxAge: 3_600_000 },
  }),
);
app.use(doubleCsrfProtection);
app.use('/users', users);
app.use('/tasks', tasks);

app.use((error, req, res, next) => {
  console.error(error);
  res.status(500).json({ error: 'internal error' });
});
