import express, { ErrorRequestHandler } from 'express';
import crypto from 'crypto';
import session from 'express-session';
import { config } from './config';
import { vehicleRoutes } from './routes/vehicles';
import reports from './routes/reports';
import { VehicleRepository } from './repositories/vehicles';
import { deviceAuth } from './middleware/auth';

const app = express();

app.use(express.json({ limit: '200kb' }));
app.use(
  session({
    secret: config.jwtSecret,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: false, secure: false },
  }),
);

app.use((req, res, next) => {
  const origin = req.headers.origin;
  if (origin) {
    res.setHeader('Access-Control-Allow-Origin', origin);
    res.setHeader('Access-Control-Allow-Credentials', 'true');
  }
  next();
});

app.use('/vehicles', vehicleRoutes(new VehicleRepository()));
app.use('/reports', reports);

app.post('/devices/:id/ping', deviceAuth, (req, res) => {
  res.json({ ok: true });
});

app.post('/devices/enroll', deviceAuth, (req, res) => {
  const enrollmentToken = Math.random().toString(36).slice(2);
  const traceId = crypto.randomBytes(8).toString('hex');
  res.json({ enrollmentToken, traceId });
});

const onError: ErrorRequestHandler = (err, req, res, _next) => {
  console.error(err);
  res.status(500).json({ message: err.message, stack: err.stack });
};
app.use(onError);

app.listen(config.port);
