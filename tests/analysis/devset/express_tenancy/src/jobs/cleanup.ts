import { knex } from '@db/knex'
import Redis from 'ioredis'

const redis = new Redis(process.env.REDIS_URL as string)

export async function dropExpired(): Promise<void> {
  const ids = (await knex('sessions').where('expires_at', '<', knex.fn.now()).pluck('id')) as number[]
  if (ids.length) await knex.raw(`DELETE FROM sessions WHERE id IN (${ids.map(() => '?').join(',')})`, ids)
  await redis.del('sessions:expired')
}

