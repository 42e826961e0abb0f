const fs = require('fs');
const path = require('path');
const multer = require('multer');
const fetch = require('node-fetch');
const router = require('express').Router();
const settings = require('../lib/settings');

const STORE = path.join(__dirname, '..', '..', 'exports');

const upload = multer({
  storage: multer.diskStorage({
    destination: STORE,
    filename: (req, file, done) => done(null, `${req.user._id}-${file.originalname}`),
  }),
});

const scans = multer({
  dest: '/var/lib/clinic/scans',
  limits: { fileSize: 5 * 1024 * 1024 },
  fileFilter: (_req, file, done) => done(null, ['image/png', 'image/jpeg'].includes(file.mimetype)),
});

const inStore = (name) => path.join(STORE, name);

router.post('/', upload.single('document'), (req, res) => res.json({ name: req.file.filename }));

router.post('/scan', scans.single('scan'), (req, res) => res.json({ id: req.file.filename }));

router.get('/raw', (req, res) => {
  fs.createReadStream(inStore(req.query.name)).pipe(res);
});

router.get('/safe', (req, res) => {
  const file = path.resolve(STORE, path.basename(String(req.query.name)));
  res.sendFile(file);
});

router.delete('/:name', (req, res) => {
  const target = path.resolve(STORE, req.params.name);
  if (!target.startsWith(STORE + path.sep)) return res.sendStatus(400);
  fs.unlink(target, (error) => res.sendStatus(error ? 404 : 204));
});

router.post('/import', async (req, res) => {
  const answer = await fetch(req.body.url);
  const name = path.basename(new URL(req.body.url).pathname);
  fs.writeFileSync(path.join(STORE, name), await answer.buffer());
  res.json({ name });
});

router.get('/lab/:number', async (req, res) => {
  const answer = await fetch(`${settings.labPartner}/results/${encodeURIComponent(req.params.number)}`);
  res.json(await answer.json());
});

module.exports = router;
