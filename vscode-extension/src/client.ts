/**
 * The language client of one line to the hub. Used once: a new line gets a new client.
 *
 * Differs from languageclient's own in that `session.ts` alone decides about restarts and says what went wrong.
 */

import { createHash } from 'node:crypto'
import * as vscode from 'vscode'
import {
  CloseAction,
  ErrorAction,
  type ExecuteCommandSignature,
  LanguageClient,
  Message,
  MessageType,
  RevealOutputChannelOn,
  ShowMessageNotification,
  type ShowMessageParams,
} from 'vscode-languageclient/node'

import { titleOfWork } from './agentWork'
import { showCallers } from './callers'
import type { Line } from './line'
import type { Logs } from './logs'
import { runWithProgress } from './progress'
import { type CallersTold, type HiveAbilities, HubCommand } from './protocol'
import { askForInstruction } from './rewriting'
import { readSettings } from './settings'

/** What the hub reads: code by the rules of its language, every other text for secrets. */
const DOCUMENTS = [{ scheme: 'file' }, { scheme: 'untitled' }]

/** Told to the hub with their notebook; here for what is asked about them: diagnostics, fixes, explanations. */
const CELLS = [{ scheme: 'vscode-notebook-cell', language: 'python' }]

/** With the instruction. */
const REWRITE_ARGUMENTS = 4

export function isReviewed(document: vscode.TextDocument): boolean {
  return vscode.languages.match(DOCUMENTS, document) > 0
}

function abilities(): HiveAbilities {
  const { codeLenses, callersLenses, inlineCompletion } = readSettings()
  return {
    trusted: vscode.workspace.isTrusted,
    pull_requests: true,
    programs: true,
    instructions: true,
    callers: true,
    code_lenses: codeLenses,
    callers_lenses: callersLenses,
    inline_completion: inlineCompletion,
    editor: nameOfWindow(),
  }
}

/** The same whenever these folders are open on this machine: what was asked before the window closed comes back to it. */
function nameOfWindow(): string {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.toString())
  return createHash('sha256')
    .update(JSON.stringify([vscode.env.machineId, ...folders]))
    .digest('hex')
    .slice(0, 32)
}

export class HiveClient extends LanguageClient {
  constructor(line: Line, logs: Logs, token: string, onClosed: () => void) {
    const here: { client?: HiveClient } = {}
    super('hive', 'Hive', async () => line.transports, {
      documentSelector: [...DOCUMENTS, ...CELLS],
      diagnosticCollectionName: 'hive',
      outputChannel: logs.server,
      traceOutputChannel: logs.trace,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { ...abilities(), ...(token === '' ? {} : { token }) },
      initializationFailedHandler: () => false,
      middleware: { executeCommand: (command, args, next) => executeCommand(command, args, next, here.client) },
      connectionOptions: {
        messageStrategy: {
          handleMessage: (message, next) => (isConnectionError(message) ? undefined : next(message)),
        },
      },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          onClosed()
          return { action: CloseAction.DoNotRestart, handled: true }
        },
      },
    })
    here.client = this
  }

  /** languageclient would pop up each error itself; ours are told once, in words that say what to do. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false)
  }

  /** Never rejects: what does not run need not stop, and a hub that hangs is hung up on by the caller in any case. */
  override async stop(timeoutMilliseconds?: number): Promise<void> {
    if (!this.isRunning()) return
    await super.stop(timeoutMilliseconds).catch((error: unknown) => this.warn('Stopping was not answered', error))
  }
}

/** A command of the hub, with what only the person can add: before it, an instruction; after it, second thoughts. */
async function executeCommand(
  command: string,
  args: unknown[],
  next: ExecuteCommandSignature,
  client: HiveClient | undefined,
): Promise<unknown> {
  if (command === HubCommand.rewrite && args.length < REWRITE_ARGUMENTS) {
    const instruction = await askForInstruction()
    return instruction === undefined ? undefined : executeCommand(command, [...args, instruction], next, client)
  }
  const work = titleOfWork(command)
  if (work !== undefined && client !== undefined) return runWithProgress(client, work, command, ...args)
  const result: unknown = await next(command, args)
  if (command === HubCommand.dismiss) void offerUndo(() => next(HubCommand.reopen, args))
  if (command === HubCommand.showCallers) await showCallers(result as CallersTold)
  return result
}

/** A finding dismissed by a slip of the hand would be gone from sight: it can be taken back at once. */
async function offerUndo(undo: () => unknown): Promise<void> {
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('Dismissed, here and wherever else it is met.'),
    vscode.l10n.t('Undo'),
  )
  if (chosen !== undefined) await undo()
}

/** `hive lsp` tells editors why it ends. It says so on stderr too, and we tell it with what is done about it. */
function isConnectionError(message: Message): boolean {
  return (
    Message.isNotification(message) &&
    message.method === ShowMessageNotification.method &&
    (message.params as ShowMessageParams).type === MessageType.Error
  )
}
