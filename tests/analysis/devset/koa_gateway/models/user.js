import mongoose from 'mongoose';

const schema = new mongoose.Schema({
  email: { type: String, unique: true },
  password: String,
  role: { type: String, default: 'member' },
  resetToken: String,
});

schema.methods.matches = function (password) {
  return this.password === password;
};

schema.statics.byEmail = function (email) {
  return this.findOne({ email: String(email) });
};

export const User = mongoose.model('User', schema);

const orderSchema = new mongoose.Schema({ owner: mongoose.Types.ObjectId, total: Number, note: String });
export const Order = mongoose.model('Order', orderSchema);
