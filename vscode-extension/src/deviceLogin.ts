/** Log in on a hub elsewhere by a code that an operator approves (RFC 8628). No editor here: `login.ts` shows it. */

import type { HubAddress } from './address'

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

/** RFC 8628, section 3.5: by how much a device slows down when it is told to. */
const SLOWER_SECONDS = 5

export interface Begun {
  device_code: string
  /** What the operator is told. */
  user_code: string
  expires_in: number
  interval: number
}

export type Outcome =
  | { kind: 'token'; token: string }
  | { kind: 'denied' }
  | { kind: 'expired' }
  | { kind: 'cancelled' }

/** Where the hub's REST API lies; undefined for an address that names none. */
export function apiOf(address: HubAddress): string | undefined {
  if (address.kind !== 'websocket') return undefined
  const url = new URL(address.url)
  url.protocol = url.protocol === 'ws:' ? 'http:' : 'https:'
  return `${url.origin}${url.pathname.replace(/\/lsp\/?$/, '')}/api/v1`
}

/** Where an operator decides, as it is reached from here: `wss://hub` may lie behind a proxy that the hub knows nothing of. */
export function pageOf(api: string, { user_code }: Begun): string {
  return `${api.replace(/\/api\/v1$/, '')}/device?user_code=${user_code}`
}

/**
 * *project*: the only one that the token is to see; undefined for all. Rejects when the hub does not answer or knows no
 * such logins.
 */
export async function begin(api: string, name: string, project?: string): Promise<Begun> {
  const answer = await post(`${api}/device/code`, { client_id: name, ...(project && { scope: project }) })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  const begun = (await answer.json()) as Begun
  // It goes into a command and an address that people are to use.
  if (!/^[A-Z0-9-]{4,20}$/.test(begun.user_code)) throw new Error('its code is none')
  return begun
}

/** Asks again until somebody decided. *wait* resolves after so many seconds, with false when a person cancelled. */
export async function untilDecided(
  api: string,
  begun: Begun,
  name: string,
  wait: (seconds: number) => Promise<boolean>,
): Promise<Outcome> {
  const asked = { grant_type: GRANT_TYPE, device_code: begun.device_code, client_id: name }
  for (let interval = begun.interval; await wait(interval); ) {
    const answer = await post(`${api}/device/token`, asked)
    const said = (await answer.json()) as { access_token?: string; error?: string }
    if (answer.ok && said.access_token !== undefined) return { kind: 'token', token: said.access_token }
    if (said.error === 'access_denied') return { kind: 'denied' }
    if (said.error === 'slow_down') interval += SLOWER_SECONDS
    else if (said.error !== 'authorization_pending') return { kind: 'expired' }
  }
  return { kind: 'cancelled' }
}

/** OAuth's requests are forms (RFC 6749, appendix B). */
function post(url: string, form: Record<string, string>): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    redirect: 'error', // the code goes to the hub that the person named, and to nobody else
  })
}
