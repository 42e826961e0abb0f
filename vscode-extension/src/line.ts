/**
 * Open a line to the hub: a child process `hive lsp`, a TCP socket, or a websocket.
 *
 * Knows nothing of LSP's content; `session.ts` speaks over it.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import * as net from 'node:net'
import * as readline from 'node:readline'

import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'
import type { MessageTransports } from 'vscode-languageclient/node'

import type { HubAddress } from './address'
import { openWebsocket } from './websocket'

export interface Line {
  transports: MessageTransports
  /** End it whatever state it is in; may be called again. */
  hangUp(): void
  /** What the other end last said about itself, once it has gone: usually why. '' when it said nothing. */
  lastWords(): Promise<string>
}

const CONNECT_TIMEOUT_MILLISECONDS = 15_000

/** A process that was asked to go has this long before it is made to. */
const GRACE_MILLISECONDS = 2_000

/** The last lines of a process come after its stdout closed; they are not waited for longer than this. */
const LAST_WORDS_MILLISECONDS = 500

/** Start *executable* as `hive lsp`; every line it writes to stderr goes to *onStderr*. Rejects when it cannot start. */
export async function spawnForwarder(
  executable: string,
  home: string,
  onStderr: (text: string) => void,
): Promise<Line> {
  // Never in the workspace: a folder somebody opened must not decide what is run or imported.
  const child = spawn(executable, ['lsp'], { cwd: home, stdio: 'pipe', windowsHide: true })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.on('error', (error) => onStderr(error.message))
  let lastLine = ''
  readline.createInterface({ input: child.stderr }).on('line', (text) => {
    lastLine = text.trim() || lastLine
    onStderr(text)
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    transports: { reader: new StreamMessageReader(child.stdout), writer: new StreamMessageWriter(child.stdin) },
    hangUp: () => endProcess(child),
    lastWords: async () => {
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MILLISECONDS))])
      return lastLine
    },
  }
}

/** Connect to a hub elsewhere. Rejects when nobody answers. */
export async function connectTo(address: Exclude<HubAddress, { kind: 'local' }>, token: string): Promise<Line> {
  if (address.kind === 'websocket') return openWebsocket(address.url, token, CONNECT_TIMEOUT_MILLISECONDS)
  const socket = await connectSocket(address.host, address.port)
  return {
    transports: { reader: new StreamMessageReader(socket), writer: new StreamMessageWriter(socket) },
    hangUp: () => socket.destroy(),
    lastWords: async () => '',
  }
}

function connectSocket(host: string, port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.createConnection({ host, port, keepAlive: true, keepAliveInitialDelay: 20_000, noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_TIMEOUT_MILLISECONDS)
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}

function endProcess(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MILLISECONDS)
  child.once('exit', () => clearTimeout(timer))
}
