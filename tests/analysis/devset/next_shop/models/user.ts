import mongoose from 'mongoose';

const schema = new mongoose.Schema({
  email: { type: String, unique: true },
  password: String,
  role: { type: String, default: 'customer' },
});

export const User = mongoose.models.User ?? mongoose.model('User', schema);
