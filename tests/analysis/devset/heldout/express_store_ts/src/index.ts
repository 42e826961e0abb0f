import express, { Request, Response, NextFunction } from 'express';
import helmet from 'helmet';
import cors from 'cors';
import { orders } from './orders';
import { products } from './products';
import { auth } from './auth';
import { tools } from './tools';

const app = express();
app.use(helmet());
app.use(express.json({ limit: '100mb' }));
app.use((req: Request, res: Response, next: NextFunction) => {
  res.header('Access-Control-Allow-Origin', req.headers.origin || '*');
  res.header('Access-Control-Allow-Credentials', 'true');
  next();
});
app.use('/orders', orders);
app.use('/products', products);
app.use('/auth', auth);
app.use('/tools', tools);
app.use((err: Error, req: Request, res: Response, next: NextFunction) => {
  console.error(err);
  res.status(500).json({ error: 'internal error' });
});
app.listen(Number(process.env.PORT ?? 4000));
