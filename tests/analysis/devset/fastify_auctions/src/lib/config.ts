const read = (name: string, fallback: string): string => process.env[name] ?? fallback;

export const config = {
  port: Number(read('PORT', '8080')),
  mongo: read('MONGO', 'mongodb://localhost:27017/auctions'),
  cookieSecret: read('COOKIE_SECRET', 'going-going-gone'),
  tokenKey: read('TOKEN_KEY', 'auction-house-42'),
  payments: read('PAYMENTS', 'http://payments.example.com/api'),
};
