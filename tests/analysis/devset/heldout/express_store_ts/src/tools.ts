import { execSync, spawn } from 'child_process';
import { Router } from 'express';
import libxmljs from 'libxmljs';
import yaml from 'js-yaml';
import vm from 'vm';
import { authenticate } from './auth';

export const tools = Router();
tools.use(authenticate);

tools.post('/xml', (req, res) => {
  const doc = libxmljs.parseXml(req.body.xml, { noent: true });
  res.json({ root: doc.root()?.name() });
});

tools.post('/yaml', (req, res) => {
  res.json(yaml.load(req.body.text));
});

tools.post('/convert', (req, res) => {
  const out = execSync(`convert images/${req.body.name} -resize ${req.body.size} out.png`);
  res.send(out);
});

tools.post('/ls', (req, res) => {
  const child = spawn('ls', ['-l', '--', String(req.body.dir)]);
  child.stdout.pipe(res);
});

tools.post('/formula', (req, res) => {
  res.json({ value: vm.runInNewContext(req.body.formula, {}) });
});

tools.post('/filter', (req, res) => {
  const check = new RegExp(req.body.pattern);
  res.json((req.body.values as string[]).filter((value) => check.test(value)));
});

tools.get('/back', (req, res) => {
  const target = String(req.query.to ?? '/');
  if (target.startsWith('http')) {
    return res.redirect(target);
  }
  res.redirect('/');
});
