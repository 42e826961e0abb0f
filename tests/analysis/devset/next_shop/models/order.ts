import mongoose from 'mongoose';

const schema = new mongoose.Schema({ owner: String, total: Number, lines: [{ sku: String, count: Number }] });

export const Order = mongoose.models.Order ?? mongoose.model('Order', schema);
