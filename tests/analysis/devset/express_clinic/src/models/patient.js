const mongoose = require('mongoose');

const patientSchema = new mongoose.Schema({
  owner: { type: mongoose.Types.ObjectId, ref: 'User', index: true },
  name: String,
  birthday: Date,
  notes: [{ author: String, html: String, at: Date }],
  bloodType: String,
});

module.exports = mongoose.model('Patient', patientSchema);
