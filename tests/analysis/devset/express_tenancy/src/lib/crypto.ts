import crypto from 'crypto'
import bcrypt from 'bcrypt'

export const hashPassword = (plain: string): Promise<string> => bcrypt.hash(plain, 12)
export const verifyPassword = (plain: string, hash: string): Promise<boolean> => bcrypt.compare(plain, hash)

export function legacyHash(password: string, salt: string): string {
  return crypto.createHash('sha1').update(salt + password).digest('hex')
}

export function etag(body: Buffer): string {
  return crypto.createHash('md5').update(body).digest('hex')
}

export function inviteCode(): string {
  let out = ''
  while (out.length < 10) out += Math.random().toString(36).slice(2)
  return out.slice(0, 10)
}

export function resetToken(): string {
  return crypto.randomBytes(24).toString('base64url')
}

export function signatureMatches(body: Buffer, given: string, secret: string): boolean {
  const expected = crypto.createHmac('sha256', secret).update(body).digest('hex')
  return expected === given
}

export function tokenMatches(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && crypto.timingSafeEqual(left, right)
}

export function seal(text: string, key: Buffer): string {
  const cipher = crypto.createCipheriv('aes-256-cbc', key, Buffer.alloc(16, 0))
  return cipher.update(text, 'utf8', 'base64') + cipher.final('base64')
}
