const Hapi = require('@hapi/hapi');
const Joi = require('joi');
const fs = require('fs');
const { MongoClient } = require('mongodb');

const init = async () => {
  const server = Hapi.server({ port: 3000, routes: { cors: { origin: ['*'], credentials: true } } });
  const client = await MongoClient.connect(process.env.MONGO);
  const users = client.db('app').collection('users');

  server.route({
    method: 'GET',
    path: '/echo',
    handler: (request, h) => h.response('<b>' + request.query.text + '</b>').type('text/html'),
  });

  server.route({
    method: 'POST',
    path: '/login',
    handler: async (request, h) => {
      const user = await users.findOne({ name: request.payload.name, password: request.payload.password });
      return user ? h.response({ ok: true }) : h.response().code(401);
    },
  });

  server.route({
    method: 'POST',
    path: '/login2',
    options: { validate: { payload: Joi.object({ name: Joi.string().required() }) } },
    handler: async (request) => users.findOne({ name: String(request.payload.name) }),
  });

  server.route({
    method: 'GET',
    path: '/log/{name}',
    handler: (request) => fs.promises.readFile('/var/log/' + request.params.name),
  });

  server.route({
    method: 'GET',
    path: '/jump',
    handler: (request, h) => h.redirect(request.query.to),
  });
  await server.start();
};
init();
