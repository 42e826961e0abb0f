import { spawn, exec } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import express from 'express';
import rateLimit from 'express-rate-limit';
import { MongoClient, ObjectId } from 'mongodb';
import jwt from 'jsonwebtoken';
import { WebSocketServer } from 'ws';
import ejs from 'ejs';
import xpath from 'xpath';
import { DOMParser } from 'xmldom';

const client = new MongoClient(process.env.MONGO ?? 'mongodb://admin:mongo-admin-pw@localhost');
const users = client.db('admin').collection('users');
const app = express();
const limiter = rateLimit({ windowMs: 60_000, max: 5 });
const JWT_OPTIONS = { algorithms: ['HS256'] };

app.use(express.json());

function auth(req, res, next) {
  const token = (req.headers.authorization || '').replace('Bearer ', '');
  try {
    req.user = jwt.verify(token, process.env.JWT_SECRET, JWT_OPTIONS);
    return next();
  } catch (error) {
    return res.status(401).json({ error: 'unauthorized' });
  }
}

function admin(req, res, next) {
  return req.user?.role === 'admin' ? next() : res.status(403).end();
}

app.post('/api/login', limiter, async (req, res) => {
  const user = await users.findOne({ email: req.body.email, password: req.body.password });
  if (!user) return res.status(401).json({ error: 'Invalid login' });
  const token = jwt.sign({ sub: user._id, role: user.role }, process.env.JWT_SECRET, { expiresIn: '15m' });
  return res.cookie('token', token, { httpOnly: true, secure: true, sameSite: 'strict' }).json({ ok: true });
});

app.get('/api/users', auth, admin, async (req, res) => {
  const filter = req.query.filter ? JSON.parse(req.query.filter) : {};
  res.json(await users.find(filter).toArray());
});

app.get('/api/users/:id', auth, async (req, res) => {
  res.json(await users.findOne({ _id: new ObjectId(req.params.id) }));
});

app.put('/api/users/me', auth, async (req, res) => {
  await users.updateOne({ _id: new ObjectId(req.user.sub) }, { $set: req.body });
  res.status(204).end();
});

app.put('/api/users/me/name', auth, async (req, res) => {
  await users.updateOne({ _id: new ObjectId(req.user.sub) }, { $set: { name: String(req.body.name) } });
  res.status(204).end();
});

app.delete('/api/users/:id', auth, async (req, res) => {
  await users.deleteOne({ _id: new ObjectId(req.params.id) });
  res.status(204).end();
});

app.post('/api/backup', auth, admin, (req, res) => {
  exec(`mongodump --out /backups/${req.body.name}`, (error, stdout, stderr) => {
    if (error) return res.status(500).json({ error: error.message, stack: error.stack });
    res.json({ out: stdout });
  });
});

app.post('/api/ping', auth, admin, (req, res) => {
  const child = spawn('ping', ['-c', '1', String(req.body.host)], { shell: true });
  child.stdout.pipe(res);
});

app.post('/api/trace', auth, admin, (req, res) => {
  const child = spawn('traceroute', ['--', String(req.body.host)]);
  child.stdout.pipe(res);
});

app.get('/api/logs/:name', auth, admin, async (req, res) => {
  res.type('text/plain').send(await fs.readFile(`/var/log/admin/${req.params.name}`, 'utf8'));
});

app.get('/api/exports', auth, async (req, res) => {
  const name = path.basename(String(req.query.name));
  res.download(path.join('/srv/exports', name));
});

app.get('/error', (req, res) => {
  res.send(ejs.render('<h1>' + req.query.message + '</h1>'));
});

app.get('/banner', (req, res) => {
  res.send(ejs.render('<h1><%= message %></h1>', { message: req.query.message }));
});

app.post('/api/xml', auth, (req, res) => {
  const doc = new DOMParser().parseFromString(req.body.xml);
  res.json(xpath.select(`//user[@name='${req.body.name}']`, doc).length);
});

app.get('/api/proxy', auth, async (req, res) => {
  const reply = await fetch(`https://${req.query.host}/health`);
  res.status(reply.status).end();
});

app.get('/api/invite', auth, admin, (req, res) => {
  const code = crypto.randomBytes(16).toString('hex');
  const short = Math.random().toString().slice(2, 8);
  res.json({ code, password: short });
});

const cipher = crypto.createCipheriv('aes-128-ecb', Buffer.from('0123456789abcdef'), null);
const sockets = new WebSocketServer({ port: 8081 });
sockets.on('connection', (socket) => {
  socket.on('message', (data) => socket.send(String(eval(data.toString()))));
});

app.listen(3000);
