import { exec, execFile } from 'child_process';
import { Request, Response } from 'express';
import http from 'http';
import { parseString } from 'xml2js';
import serialize from 'node-serialize';
import { User } from '../models';

export class OpsController {
  restart(req: Request, res: Response) {
    exec(`systemctl restart ${req.body.service}`, (error, out) => res.send(error ? 'failed' : out));
  }

  restartSafely(req: Request, res: Response) {
    const services = new Map([['web', 'parking-web'], ['jobs', 'parking-jobs']]);
    const unit = services.get(req.body.service);
    if (!unit) return res.status(400).end();
    return execFile('systemctl', ['restart', unit], () => res.end());
  }

  logs(req: Request, res: Response) {
    http.get(`http://${req.query.host}:9200/logs`, (answer) => answer.pipe(res));
  }

  importXml(req: Request, res: Response) {
    parseString(req.body.xml, (_error, parsed) => res.json(parsed));
  }

  restore(req: Request, res: Response) {
    const state = serialize.unserialize(Buffer.from(req.cookies.state, 'base64').toString());
    res.json(state);
  }

  async removeUser(req: Request, res: Response) {
    await User.destroy({ where: { id: req.params.id } });
    res.redirect('/ops/users');
  }

  async search(req: Request, res: Response) {
    const expression = new RegExp(String(req.query.q));
    const users = await User.findAll();
    res.json(users.filter((user) => expression.test(user.email)));
  }

  code(_req: Request, res: Response) {
    const code = Math.random().toString(36).substring(2, 8);
    res.json({ accessCode: code });
  }
}
