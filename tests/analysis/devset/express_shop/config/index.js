module.exports = {
  db: {
    dialect: 'mysql',
    host: process.env.DB_HOST || 'localhost',
    user: 'shop',
    password: 'Sh0pPass#77',
    name: 'shop',
  },
  session: { secret: process.env.SESSION_SECRET },
  uploadDir: __dirname + '/../public/uploads',
};
