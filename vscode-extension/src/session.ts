/**
 * The connection's life: connect, keep, connect again after a failure, stop.
 *
 * One at a time: `restart` during a start ends that start. What a person sees of it is `statusItem.ts` and `trouble.ts`.
 */

import * as fs from 'node:fs'
import * as os from 'node:os'
import * as vscode from 'vscode'
import { ResponseError } from 'vscode-languageclient/node'

import { AddressInvalid, type HubAddress, isExposed, nameAddress, parseAddress } from './address'
import { delaySeconds, LOCAL_LIMIT, STEADY_SECONDS } from './backoff'
import { HiveClient } from './client'
import { findExecutable } from './executable'
import { connectTo, type Line, spawnForwarder } from './line'
import type { Logs } from './logs'
import { HubConnectionNotification, UNAUTHORIZED } from './protocol'
import { readSettings } from './settings'
import { type ConnectionState, statusText } from './status'
import { readToken } from './token'
import { TokenRefused } from './websocket'

/** There is no `hive` command to run. */
class CommandMissing extends Error {}

export class Session implements vscode.Disposable {
  private readonly stateChanged = new vscode.EventEmitter<ConnectionState>()
  private readonly clientMade = new vscode.EventEmitter<HiveClient>()
  readonly onDidChangeState = this.stateChanged.event
  /** A client that is about to start: the moment to register handlers. */
  readonly onDidMakeClient = this.clientMade.event

  private current: ConnectionState = { kind: 'stopped' }
  private client: HiveClient | undefined
  private line: Line | undefined
  /** Counts starts and stops, so that what belongs to an earlier one is recognised and ignored. */
  private generation = 0
  private failures = 0
  private connectedAt = 0
  private retry: NodeJS.Timeout | undefined

  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly logs: Logs,
  ) {}

  get state(): ConnectionState {
    return this.current
  }

  get running(): HiveClient | undefined {
    return this.current.kind === 'running' ? this.client : undefined
  }

  /** Connect anew, whatever the state; earlier failures are forgotten. */
  async restart(): Promise<void> {
    await this.end()
    this.failures = 0
    await this.connect()
  }

  async stop(): Promise<void> {
    await this.endAs({ kind: 'stopped' })
  }

  /** As `stop`, at the end of the extension host: nobody is left to be told. */
  async close(): Promise<void> {
    await this.end()
  }

  dispose(): void {
    vscode.Disposable.from(this.stateChanged, this.clientMade).dispose()
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation
    const isCurrent = () => generation === this.generation
    this.become({ kind: 'starting' })
    let address: HubAddress = { kind: 'local' }
    let line: Line | undefined
    try {
      const settings = readSettings()
      address = parseAddress(settings.address)
      const token = await readToken(this.secrets, address)
      line = await this.openLine(address, settings.path, token)
      if (!isCurrent()) return line.hangUp()
      const client = new HiveClient(line, this.logs, token, () => {
        // While it starts, start() itself rejects.
        if (isCurrent() && this.state.kind !== 'starting') void this.lost(address)
      })
      client.onNotification(HubConnectionNotification, ({ connected, reason, seconds }) => {
        if (isCurrent()) this.become(connected ? { kind: 'running' } : { kind: 'waiting', reason, seconds })
      })
      this.line = line
      this.client = client
      this.clientMade.fire(client)
      await client.start()
      if (!isCurrent()) return
      // languageclient's start() resolves when the other end goes away in the middle of it.
      if (!client.isRunning()) throw new Error('the other end went away')
      this.connectedAt = Date.now()
      this.become({ kind: 'running' })
    } catch (error) {
      line?.hangUp()
      if (isCurrent()) await this.failed(address, error)
    }
  }

  private async openLine(address: HubAddress, path: string, token: string): Promise<Line> {
    if (address.kind !== 'local') {
      if (isExposed(address) && token !== '') {
        this.logs.client.warn(`The token goes to ${nameAddress(address)} unencrypted. Use a wss:// address.`)
      }
      return connectTo(address, token)
    }
    const executable = findExecutable(path, {
      platform: process.platform,
      env: process.env,
      home: os.homedir(),
      isFile: (file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
    })
    if (executable === undefined) throw new CommandMissing(path)
    this.logs.client.info(`Running ${executable} lsp`)
    return spawnForwarder(executable, os.homedir(), (text) => this.logs.server.info(text))
  }

  private async failed(address: HubAddress, error: unknown): Promise<void> {
    const final = finalState(error)
    if (final !== undefined) return this.endAs(final)
    const detail = error instanceof Error ? error.message : String(error)
    this.logs.client.error(`Connecting to ${nameAddress(address)} failed: ${detail}`)
    const { line } = this
    const generation = await this.end()
    const why = ((await line?.lastWords()) ?? '').replace(/^Agent Hive: /, '')
    if (generation !== this.generation) return
    const what = vscode.l10n.t('{0} cannot be reached.', capitalise(nameAddress(address)))
    this.retryLater(address, why === '' ? what : `${what} ${asSentence(capitalise(why))}`)
  }

  private async lost(address: HubAddress): Promise<void> {
    if (Date.now() - this.connectedAt > STEADY_SECONDS * 1000) this.failures = 0
    const generation = await this.end()
    if (generation === this.generation) this.retryLater(address, vscode.l10n.t('The connection to the hub was lost.'))
  }

  /** A local hub that keeps failing is given up. */
  private retryLater(address: HubAddress, reason: string): void {
    this.failures += 1
    if (address.kind === 'local' && this.failures >= LOCAL_LIMIT) {
      this.become({ kind: 'failed', reason })
      return
    }
    const seconds = delaySeconds(this.failures, Math.random())
    this.retry = setTimeout(() => void this.connect(), seconds * 1000)
    this.become({ kind: 'waiting', reason, seconds })
  }

  /** Unless something newer began meanwhile. */
  private async endAs(state: ConnectionState): Promise<void> {
    const generation = await this.end()
    if (generation === this.generation) this.become(state)
  }

  /** Let go of client, line and any retry. Old diagnostics go with the client. Answers with the new generation. */
  private async end(): Promise<number> {
    const generation = ++this.generation
    clearTimeout(this.retry)
    const { client, line } = this
    this.client = undefined
    this.line = undefined
    await client?.stop()
    line?.hangUp()
    return generation
  }

  private become(state: ConnectionState): void {
    this.current = state
    this.logs.client.info(statusText(state, { kind: 'none' }).summary)
    this.stateChanged.fire(state)
  }
}

/** The state that no retry would change, if the error is of that kind. */
function finalState(error: unknown): ConnectionState | undefined {
  if (error instanceof CommandMissing) return { kind: 'missing', command: error.message }
  if (error instanceof AddressInvalid) return { kind: 'misaddressed', reason: error.message }
  const refused = error instanceof TokenRefused || (error instanceof ResponseError && error.code === UNAUTHORIZED)
  return refused ? { kind: 'unauthorized' } : undefined
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
