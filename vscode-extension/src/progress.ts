/**
 * Run a command of the hub for a person who waits: with progress that can be cancelled.
 *
 * languageclient would draw the hub's progress in the status bar, with no way to stop it: we send the request with a
 * progress token of our own and draw it ourselves.
 */

import { randomUUID } from 'node:crypto'
import * as vscode from 'vscode'
import {
  type ExecuteCommandParams,
  ExecuteCommandRequest,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node'

import type { HiveClient } from './client'

type ProgressValue = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd

/** The hub's answer; undefined when a person cancelled. What the hub refuses is told. */
export async function runWithProgress<R>(
  client: HiveClient,
  title: string,
  command: string,
  ...args: unknown[]
): Promise<R | undefined> {
  try {
    return await run<R>(client, { command, arguments: args }, title)
  } catch (error) {
    await vscode.window.showWarningMessage(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** The progress goes when the work is done, the answer may come later: a person looks at an edit before it is made. */
async function run<R>(client: HiveClient, asked: ExecuteCommandParams, title: string): Promise<R | undefined> {
  const workDoneToken = randomUUID()
  const gone = new vscode.CancellationTokenSource()
  const answer = client.sendRequest(ExecuteCommandRequest.type, { ...asked, workDoneToken }, gone.token) as Promise<R>
  const cancelled = new Promise<undefined>((resolve) => gone.token.onCancellationRequested(() => resolve(undefined)))
  // A hub that hangs must not hold the notification after somebody has cancelled.
  const result = Promise.race([answer, cancelled])
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, cancellation) => {
      cancellation.onCancellationRequested(() => gone.cancel())
      const ended = new Promise<void>((resolve) => {
        const drawing = client.onProgress(WorkDoneProgress.type, workDoneToken, drawInto(progress, resolve))
        void result.catch(() => undefined).finally(() => drawing.dispose())
      })
      await Promise.race([result.catch(() => undefined), ended])
    },
  )
  return result
}

/** LSP counts in absolute per cent, VS Code in steps. */
function drawInto(
  progress: vscode.Progress<{ message?: string; increment?: number }>,
  end: () => void,
): (value: ProgressValue) => void {
  let drawn = 0
  return (value) => {
    if (value.kind === 'end') return end()
    const percentage = Math.max(drawn, Math.min(value.percentage ?? drawn, 100))
    progress.report({ message: value.message, increment: percentage - drawn })
    drawn = percentage
  }
}
