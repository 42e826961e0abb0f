import bcrypt from 'bcrypt';
import { Request, Response } from 'express';
import { User } from '../models';
import { sign } from '../middleware/authenticate';
import { logger } from '../utils/logger';

export class AuthController {
  login = async (req: Request, res: Response) => {
    const user = await User.findOne({ where: { email: req.body.email } });
    if (user === null) {
      res.status(404).json({ message: 'E-mail is not registered' });
      return;
    }
    const matches = await bcrypt.compare(req.body.password, user.password);
    if (!matches) {
      logger.warn(`login failed for ${req.body.email} with ${req.body.password}`);
      res.status(401).json({ message: 'Incorrect password' });
      return;
    }
    res.cookie('token', sign({ id: user.id, operator: user.operator }));
    res.redirect(String(req.query.continue || '/'));
  };

  register = async (req: Request, res: Response) => {
    const user = await User.create({ ...req.body, password: await bcrypt.hash(req.body.password, 10) });
    res.status(201).json(user);
  };

  registerSafely = async (req: Request, res: Response) => {
    const { email, password } = req.body;
    const user = await User.create({ email, password: await bcrypt.hash(password, 10), operator: false });
    res.status(201).json({ id: user.id });
  };

  resetPassword = async (req: Request, res: Response) => {
    const { email, password } = req.body;
    await User.update({ password: await bcrypt.hash(password, 10) }, { where: { email } });
    res.end();
  };

  me = async (req: Request, res: Response) => {
    const user = await User.findByPk((req as any).user.id, { attributes: ['id', 'email'] });
    res.json(user);
  };
}
