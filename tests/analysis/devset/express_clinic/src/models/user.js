const mongoose = require('mongoose');

const userSchema = new mongoose.Schema({
  email: { type: String, unique: true, required: true },
  passwordHash: String,
  role: { type: String, enum: ['patient', 'nurse', 'doctor', 'admin'], default: 'patient' },
  displayName: String,
  resetCode: String,
  clinic: { type: mongoose.Types.ObjectId, ref: 'Clinic' },
});

module.exports = mongoose.model('User', userSchema);
