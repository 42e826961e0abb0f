const mongoose = require('mongoose');

const schema = new mongoose.Schema({
  name: { type: String, unique: true },
  password: String,
  admin: { type: Boolean, default: false },
});

module.exports = mongoose.model('User', schema);
