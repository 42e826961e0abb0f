const env = process.env;

module.exports = {
  port: Number(env.PORT || 3000),
  mongoUrl: env.MONGO_URL || 'mongodb://127.0.0.1/clinic',
  sessionSecret: env.SESSION_SECRET || 'clinic-portal-session-2024',
  tokenKey: env.TOKEN_KEY,
  labPartner: env.LAB_PARTNER_URL || 'https://lab.example.org/api',
};
