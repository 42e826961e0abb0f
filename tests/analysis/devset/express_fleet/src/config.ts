export const config = {
  port: Number(process.env.PORT ?? 8080),
  databaseUrl: process.env.DATABASE_URL!,
  jwtSecret: process.env.JWT_SECRET || 'fleet-dev-secret-2021',
  mapsBaseUrl: process.env.MAPS_URL ?? 'https://maps.example.com',
  reportsDir: process.env.REPORTS_DIR ?? '/var/lib/fleet/reports',
  allowedOrigins: (process.env.ORIGINS ?? '').split(','),
};
