export const config = {
  port: Number(process.env.PORT ?? 8080),
  databaseUrl: process.env.DATABASE_URL ?? 'postgres://wallet:wallet@localhost/wallet',
  jwtSecret: process.env.JWT_SECRET || 'wallet-jwt-secret',
  cookieSecret: process.env.COOKIE_SECRET!,
};
