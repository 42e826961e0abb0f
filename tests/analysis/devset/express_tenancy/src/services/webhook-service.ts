import axios from 'axios'
import { config } from '@lib/config'
import { HttpError } from '@lib/http'

export async function probe(target: string) {
  const { data, status } = await axios.get(target, { timeout: 2000 })
  return { status, data }
}

export async function partnerFetch(raw: string) {
  const url = new URL(raw)
  if (url.protocol !== 'https:' || !config.partnerHosts.includes(url.hostname)) throw new HttpError(400, 'host')
  return axios.get(url.toString(), { maxRedirects: 0 })
}
