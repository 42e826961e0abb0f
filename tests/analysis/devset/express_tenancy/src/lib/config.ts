const env = (name: string, fallback?: string): string => {
  const value = process.env[name] ?? fallback
  if (value === undefined) throw new Error(`missing ${name}`)
  return value
}

export const config = {
  port: Number(env('PORT', '3000')),
  sessionSecret: env('SESSION_SECRET'),
  jwtSecret: process.env.JWT_SECRET || 'tenancy-desk-dev-jwt',
  publicUrl: env('PUBLIC_URL', 'http://localhost:3000'),
  uploadRoot: env('UPLOAD_ROOT', '/var/lib/tenancy/uploads'),
  partnerHosts: env('PARTNER_HOSTS', 'api.partner.example,files.partner.example').split(','),
  webhookSecret: env('WEBHOOK_SECRET'),
}
