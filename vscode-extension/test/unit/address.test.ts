import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { AddressInvalid, isExposed, nameAddress, parseAddress } from '../../src/address'

const READ = [
  { text: '', address: { kind: 'local' }, name: 'the hub of this machine' },
  { text: '  ', address: { kind: 'local' }, name: 'the hub of this machine' },
  { text: 'hub:8643', address: { kind: 'tcp', host: 'hub', port: 8643 }, name: 'hub:8643' },
  { text: '[::1]:8643', address: { kind: 'tcp', host: '::1', port: 8643 }, name: '[::1]:8643' },
  { text: 'wss://hub', address: { kind: 'websocket', url: 'wss://hub/lsp' }, name: 'wss://hub/lsp' },
  { text: 'wss://hub/team/lsp', address: { kind: 'websocket', url: 'wss://hub/team/lsp' }, name: 'wss://hub/team/lsp' },
  { text: 'https://hub', address: { kind: 'websocket', url: 'wss://hub/lsp' }, name: 'wss://hub/lsp' },
  {
    text: 'http://localhost:8642/',
    address: { kind: 'websocket', url: 'ws://localhost:8642/lsp' },
    name: 'ws://localhost:8642/lsp',
  },
]

for (const { text, address, name } of READ) {
  test(`"${text}" is read as ${name}`, () => {
    const read = parseAddress(text)

    assert.deepEqual(read, address)
    assert.equal(nameAddress(read), name)
  })
}

for (const text of [
  'hub',
  'hub:',
  ':8643',
  'hub:0',
  'hub:65536',
  'a b:1',
  '::1:8643',
  'ftp://hub',
  'wss://',
  'wss://me:secret@hub',
]) {
  test(`"${text}" is refused, and no password is repeated`, () => {
    assert.throws(
      () => parseAddress(text),
      (error) => error instanceof AddressInvalid && !error.message.includes('secret'),
    )
  })
}

test('a token is exposed only where it leaves the machine unencrypted', () => {
  const exposed = (text: string) => isExposed(parseAddress(text))

  assert.deepEqual(['hub:1', 'ws://hub', '192.168.1.2:1'].map(exposed), [true, true, true])
  assert.deepEqual(['', 'localhost:1', '127.0.0.1:1', '[::1]:1', 'ws://[::1]:1', 'wss://hub'].map(exposed), [
    false,
    false,
    false,
    false,
    false,
    false,
  ])
})
