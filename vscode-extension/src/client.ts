/**
 * The language client of one line to the hub. Used once: a new line gets a new client.
 *
 * Differs from languageclient's own in that `session.ts` alone decides about restarts and says what went wrong.
 */

import * as vscode from 'vscode'
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn } from 'vscode-languageclient/node'

import type { Line } from './line'
import type { Logs } from './logs'

/** The languages that the hub's reviewer reads. `activationEvents` in package.json lists the same. */
export const LANGUAGES = ['python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'go']

export class HiveClient extends LanguageClient {
  constructor(line: Line, logs: Logs, token: string, onClosed: () => void) {
    super('hive', 'Hive', async () => line.transports, {
      documentSelector: LANGUAGES.flatMap((language) => [
        { scheme: 'file', language },
        { scheme: 'untitled', language },
      ]),
      diagnosticCollectionName: 'hive',
      outputChannel: logs.server,
      traceOutputChannel: logs.trace,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: {
        ...(token === '' ? {} : { token }),
        trusted: vscode.workspace.isTrusted,
      },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          onClosed()
          return { action: CloseAction.DoNotRestart, handled: true }
        },
      },
    })
  }

  /** languageclient would pop up each error itself; ours are told once, in words that say what to do. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false)
  }

  /** A hub that hangs must not keep anyone from stopping: the caller hangs up afterwards in any case. */
  override async stop(timeoutMilliseconds?: number): Promise<void> {
    await super.stop(timeoutMilliseconds).catch((error: unknown) => this.warn('Stopping was not answered', error))
  }
}
