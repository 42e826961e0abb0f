/**
 * Review a file on demand, with progress that can be cancelled.
 *
 * languageclient would draw the hub's progress in the status bar, with no way to stop it: we send the request with a
 * progress token of our own and draw it ourselves.
 */

import { randomUUID } from 'node:crypto'
import * as vscode from 'vscode'
import {
  ExecuteCommandRequest,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node'

import type { HiveClient } from './client'
import { HubCommand, type ReviewResult } from './protocol'

type ProgressValue = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd

export async function reviewWithProgress(client: HiveClient, uri: vscode.Uri): Promise<void> {
  const name = vscode.workspace.asRelativePath(uri)
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Hive: reviewing ${name}`, cancellable: true },
    (progress, cancellation) => review(client, uri, progress, cancellation),
  )
  if (result !== undefined) await tellResult(name, result)
}

/** The hub's answer; undefined when a person cancelled. */
async function review(
  client: HiveClient,
  uri: vscode.Uri,
  progress: vscode.Progress<{ message?: string; increment?: number }>,
  cancellation: vscode.CancellationToken,
): Promise<ReviewResult | undefined> {
  const workDoneToken = randomUUID()
  const drawing = client.onProgress(WorkDoneProgress.type, workDoneToken, drawInto(progress))
  const params = {
    command: HubCommand.review,
    arguments: [client.code2ProtocolConverter.asUri(uri)],
    workDoneToken,
  }
  try {
    // A hub that hangs must not hold the notification after somebody has cancelled.
    return await Promise.race([
      client.sendRequest(ExecuteCommandRequest.type, params, cancellation) as Promise<ReviewResult>,
      new Promise<undefined>((resolve) => cancellation.onCancellationRequested(() => resolve(undefined))),
    ])
  } finally {
    drawing.dispose()
  }
}

async function tellResult(name: string, { job_id, state, reason, findings }: ReviewResult): Promise<void> {
  if (job_id === null) return
  if (state === 'not_analysed') {
    await vscode.window.showWarningMessage(`Hive could not review ${name}: ${reason}.`)
    return
  }
  const found = findings === 0 ? 'no findings' : findings === 1 ? '1 finding' : `${findings} findings`
  const read = state === 'partial' ? ` Not all of it was read: ${reason}.` : ''
  const offered = findings === 0 ? [] : ['Show Problems']
  const chosen = await vscode.window.showInformationMessage(`Hive: ${found} in ${name}.${read}`, ...offered)
  if (chosen !== undefined) await vscode.commands.executeCommand('workbench.actions.view.problems')
}

/** LSP counts in absolute per cent, VS Code in steps. */
function drawInto(progress: vscode.Progress<{ message?: string; increment?: number }>): (value: ProgressValue) => void {
  let drawn = 0
  return (value) => {
    if (value.kind === 'end') return
    const percentage = Math.max(drawn, Math.min(value.percentage ?? drawn, 100))
    progress.report({ message: value.message, increment: percentage - drawn })
    drawn = percentage
  }
}
