import { Router } from 'express';
import { ReportService } from '../services/reports';
import { MapsClient } from '../services/maps';
import { requireUser } from '../middleware/auth';

const router = Router();
const reports = new ReportService();
const maps = new MapsClient();

router.use(requireUser);

router.post('/', async (req, res) => {
  const { format, month, title } = req.body;
  const file = await reports.build({ format, month, title });
  res.json({ file });
});

router.get('/:name/download', (req, res) => {
  res.type('pdf');
  reports.open(req.params.name).pipe(res);
});

router.get('/:name/view', (req, res) => {
  reports.openChecked(req.params.name).pipe(res);
});

router.delete('/', async (req, res) => {
  await reports.discard(String(req.query.name));
  res.sendStatus(204);
});

router.post('/:name/convert', async (req, res) => {
  await reports.convert(req.params.name, req.body.format);
  res.sendStatus(202);
});

router.get('/tile', async (req, res) => {
  const image = await maps.tile(req.query.src as string);
  res.type('png').send(image);
});

router.post('/hooks', async (req, res) => {
  await maps.webhook(req.body.hook, { event: 'ping' });
  res.sendStatus(202);
});

router.get('/geocode', async (req, res) => {
  res.json(await maps.geocode(String(req.query.address)));
});

router.get('/done', (req, res) => {
  const next = (req.query.next as string) || '/';
  res.redirect(next.startsWith('/') ? next : '/');
});

router.get('/preview', (req, res) => {
  const heading = `<h1>Report for ${req.query.month}</h1>`;
  res.set('Content-Type', 'text/html').send(layout(heading));
});

function layout(body: string): string {
  return ['<!doctype html><html><body>', body, '</body></html>'].join('\n');
}

export default router;
