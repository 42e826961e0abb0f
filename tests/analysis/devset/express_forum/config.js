module.exports = {
  port: process.env.PORT || 3000,
  db: {
    host: process.env.DB_HOST || 'localhost',
    user: 'forum',
    password: 'forum_prod_2020',
    database: 'forum',
  },
  jwtSecret: process.env.JWT_SECRET || 'dev-jwt-secret',
  uploads: '/srv/forum/uploads',
};
