const router = require('express').Router();
const Patient = require('../models/patient');
const mailer = require('../lib/mailer');
const { toCsv } = require('../lib/tables');

router.get('/', async (req, res) => {
  const filter = { owner: req.user._id };
  if (req.query.name) filter.name = new RegExp('^' + req.query.name, 'i');
  const patients = await Patient.find(filter).sort(req.query.sort === 'age' ? 'birthday' : 'name').limit(50);
  res.render('patients', { patients, query: req.query.name || '' });
});

router.get('/search', async (req, res) => {
  const found = await Patient.find({ $where: `this.name.includes('${req.query.q}')` });
  res.json(found);
});

router.get('/:id', async (req, res) => {
  const patient = await Patient.findById(req.params.id);
  if (!patient) return res.status(404).send(`No patient ${req.params.id}`);
  res.render('patient', { patient });
});

router.get('/:id/card', async (req, res) => {
  const patient = await Patient.findOne({ _id: req.params.id, owner: req.user._id });
  if (!patient) return res.sendStatus(404);
  res.json({ name: patient.name, bloodType: patient.bloodType });
});

router.post('/:id/notes', async (req, res) => {
  const patient = await Patient.findOne({ _id: String(req.params.id), owner: req.user._id });
  patient.notes.push({ author: req.user.displayName, html: req.body.html, at: new Date() });
  await patient.save();
  res.redirect(`/patients/${patient._id}`);
});

router.put('/:id', async (req, res) => {
  const patient = await Patient.findOneAndUpdate(
    { _id: req.params.id, owner: req.user._id },
    req.body,
    { new: true },
  );
  res.json(patient);
});

router.post('/:id/fax', async (req, res, next) => {
  try {
    const patient = await Patient.findOne({ _id: req.params.id, owner: req.user._id });
    const file = `/var/spool/clinic/${patient._id}.tiff`;
    res.type('text/plain').send(await mailer.fax(req.body.number, file));
  } catch (error) {
    next(error);
  }
});

router.get('/export/all.csv', async (req, res) => {
  const patients = await Patient.find({ owner: req.user._id });
  res.attachment('patients.csv').type('text/csv');
  res.send(toCsv(['name', 'birthday'], patients)); 
});

module.exports = router;
