import * as assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'

import { parseAddress } from '../../src/address'
import { apiOf, begin, pageOf, untilDecided } from '../../src/deviceLogin'

const BEGUN = { device_code: 'secret', user_code: 'ABCD-EFGH', expires_in: 600, interval: 5 }

/** A hub that answers in turn; what it was asked is in *heard*. */
async function hub(context: TestContext, ...answers: { status: number; body: object }[]) {
  const heard: { path: string | undefined; body: Record<string, string> }[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    heard.push({ path: request.url, body: Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString())) })
    const { status, body } = answers.shift() ?? { status: 500, body: {} }
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  return { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`, heard }
}

const APIS = [
  { address: 'wss://hub', api: 'https://hub/api/v1' },
  { address: 'ws://hub:8642/team/lsp', api: 'http://hub:8642/team/api/v1' },
  { address: 'hub:8643', api: undefined },
]

for (const { address, api } of APIS) {
  test(`the API of ${address} is ${api}`, () => {
    assert.equal(apiOf(parseAddress(address)), api)
  })
}

test('an operator decides at the hub that the person named, whatever the hub says', () => {
  assert.equal(pageOf('https://hub/team/api/v1', BEGUN), 'https://hub/team/device?user_code=ABCD-EFGH')
})

for (const user_code of ['$(reboot)', 'A B', '](command:x)', 'A'.repeat(30)]) {
  test(`a code such as ${user_code} is refused: people are to paste it`, async (context) => {
    const { api } = await hub(context, { status: 200, body: { ...BEGUN, user_code } })

    await assert.rejects(begin(api, 'an editor'), /its code is none/)
  })
}

test('a login waits as long as it is told to, and ends with the token', async (context) => {
  const { api, heard } = await hub(
    context,
    { status: 200, body: BEGUN },
    { status: 400, body: { error: 'authorization_pending' } },
    { status: 400, body: { error: 'slow_down' } },
    { status: 200, body: { access_token: 'hive_new', token_type: 'Bearer' } },
  )
  const waits: number[] = []

  const begun = await begin(api, 'an editor')
  const outcome = await untilDecided(api, begun, 'an editor', async (seconds) => waits.push(seconds) > 0)

  assert.deepEqual(outcome, { kind: 'token', token: 'hive_new' })
  assert.deepEqual(waits, [5, 5, 10])
  assert.deepEqual(heard[1], {
    path: '/api/v1/device/token',
    body: {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'secret',
      client_id: 'an editor',
    },
  })
})

test('a token that is to see one project is asked for with its name', async (context) => {
  const { api, heard } = await hub(context, { status: 200, body: BEGUN })

  await begin(api, 'an editor', 'github.com/acme/shop')

  assert.deepEqual(heard[0]?.body, { client_id: 'an editor', scope: 'github.com/acme/shop' })
})

for (const [error, kind] of [
  ['access_denied', 'denied'],
  ['expired_token', 'expired'],
]) {
  test(`${error} ends the login as ${kind}`, async (context) => {
    const { api } = await hub(context, { status: 400, body: { error } })

    assert.deepEqual(await untilDecided(api, BEGUN, 'an editor', async () => true), { kind })
  })
}

test('a person who cancels is asked nothing more, and neither is the hub', async (context) => {
  const { api, heard } = await hub(context)

  assert.deepEqual(await untilDecided(api, BEGUN, 'an editor', async () => false), { kind: 'cancelled' })
  assert.equal(heard.length, 0)
})
