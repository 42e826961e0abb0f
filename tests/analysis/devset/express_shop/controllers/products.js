const service = require('../services/products');
const http = require('../utils/http');
const { Product } = require('../models');

exports.search = async (req, res) => {
  res.json(await service.search(req.query));
};

exports.filter = async (req, res) => {
  res.json(await service.filter(req.query));
};

exports.byIds = async (req, res) => {
  res.json(await service.byIds(String(req.query.ids).split(',')));
};

exports.importImage = (req, res) => {
  http.get(req.body.imageUrl, (err, response, body) => {
    if (err) return res.status(502).send(err.message);
    res.json({ size: body.length });
  });
};

exports.stock = (req, res) => {
  http.fetchStock(req.params.sku, (err, response, body) => res.type('json').send(body));
};

exports.create = async (req, res) => {
  const product = await Product.create(req.body);
  res.status(201).json(product);
};

exports.update = async (req, res) => {
  const { name, price } = req.body;
  await Product.update({ name, price }, { where: { id: req.params.id } });
  res.sendStatus(204);
};

exports.compare = (req, res) => {
  const formula = req.query.formula || 'a.price - b.price';
  const fn = new Function('a', 'b', 'return ' + formula);
  res.json({ result: fn(req.body.a, req.body.b) });
};
