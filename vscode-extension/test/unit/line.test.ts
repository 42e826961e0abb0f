import * as assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import * as net from 'node:net'
import * as os from 'node:os'
import * as path from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Message } from 'vscode-jsonrpc/node'
import { WebSocketServer } from 'ws'

import { connectTo, type Line, spawnForwarder } from '../../src/line'
import { openWebsocket, TokenRefused } from '../../src/websocket'

const ASKED = { jsonrpc: '2.0', id: 1, method: 'initialize' } as Message

/** A `hive` command that answers what it hears, after the lines of *script*. */
function command(context: TestContext, script: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hive-line-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'hive')
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

function echo(line: Line, message: Message): Promise<Message> {
  return new Promise((resolve, reject) => {
    line.transports.reader.listen(resolve)
    line.transports.writer.write(message).catch(reject)
  })
}

function closed(line: Line): Promise<void> {
  return new Promise((resolve) => {
    line.transports.reader.onClose(resolve)
    line.transports.reader.listen(() => {})
  })
}

test('the forwarder carries messages, in the home folder, with the one argument lsp', async (context) => {
  const said: string[] = []
  const file = command(context, 'echo "$1 in $PWD" >&2; exec cat')

  const line = await spawnForwarder(file, os.homedir(), (text) => said.push(text))
  const answer = await echo(line, ASKED)
  line.hangUp()

  assert.deepEqual(answer, ASKED)
  assert.equal(await line.lastWords(), `lsp in ${os.homedir()}`)
  assert.deepEqual(said, [`lsp in ${os.homedir()}`])
})

test('what a failing forwarder said last is told', async (context) => {
  const line = await spawnForwarder(command(context, 'echo first >&2; echo "disk full" >&2; exit 3'), '/', () => {})

  await closed(line)

  assert.equal(await line.lastWords(), 'disk full')
})

test('a forwarder that does not go is made to', async (context) => {
  const line = await spawnForwarder(command(context, 'exec sleep 600'), '/', () => {})
  const gone = closed(line)

  line.hangUp()

  await gone
})

test('a forwarder that cannot run is an error, not a crash', async () => {
  await assert.rejects(
    spawnForwarder('/nowhere/hive', '/', () => {}),
    { code: 'ENOENT' },
  )
})

test('a hub elsewhere is reached by TCP', async (context) => {
  const server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  context.after(() => server.close())
  const { port } = server.address() as AddressInfo

  const line = await connectTo({ kind: 'tcp', host: '127.0.0.1', port }, 'token')
  const answer = await echo(line, ASKED)
  line.hangUp()

  assert.deepEqual(answer, ASKED)
})

test('nobody at the address is an error', async () => {
  await assert.rejects(connectTo({ kind: 'tcp', host: '127.0.0.1', port: 1 }, ''), { code: 'ECONNREFUSED' })
})

/** A hub with a websocket door that knows one token. */
async function door(context: TestContext): Promise<{ kind: 'websocket'; url: string }> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: ({ req }, answer) => answer(req.headers.authorization === 'Bearer right', 401),
  })
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data.toString())))
  await new Promise((resolve) => server.once('listening', resolve))
  context.after(() => server.close())
  return { kind: 'websocket', url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/lsp` }
}

test('a hub elsewhere is reached by websocket, one message a frame', async (context) => {
  const line = await connectTo(await door(context), 'right')

  const answer = await echo(line, ASKED)
  line.hangUp()

  assert.deepEqual(answer, ASKED)
})

test('a hub that went away without a word is noticed', async (context) => {
  const line = await openWebsocket((await door(context)).url, 'right', 15_000, 50)

  await closed(line)
})

test('a token that the websocket door refuses is told apart from other failures', async (context) => {
  await assert.rejects(connectTo(await door(context), 'wrong'), TokenRefused)
})
