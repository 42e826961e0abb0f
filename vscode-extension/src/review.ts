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
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Hive: reviewing {0}', name),
      cancellable: true,
    },
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
    await vscode.window.showWarningMessage(vscode.l10n.t('Hive could not review {0}: {1}.', name, reason ?? ''))
    return
  }
  const read = state === 'partial' ? [vscode.l10n.t('Not all of it was read: {0}.', reason ?? '')] : []
  const offered = findings === 0 ? [] : [vscode.l10n.t('Show Problems')]
  const chosen = await vscode.window.showInformationMessage([foundText(findings, name), ...read].join(' '), ...offered)
  if (chosen !== undefined) await vscode.commands.executeCommand('workbench.actions.view.problems')
}

function foundText(findings: number, name: string): string {
  if (findings === 0) return vscode.l10n.t('Hive: no findings in {0}.', name)
  if (findings === 1) return vscode.l10n.t('Hive: 1 finding in {0}.', name)
  return vscode.l10n.t('Hive: {0} findings in {1}.', findings, name)
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
