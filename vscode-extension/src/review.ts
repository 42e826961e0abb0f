/**
 * Review a file, a folder's changes or all of it on demand, with progress that can be cancelled.
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
import { HubCommand, type ReviewResult, type WideReviewResult } from './protocol'

type ProgressValue = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd

export async function reviewWithProgress(client: HiveClient, uri: vscode.Uri): Promise<void> {
  const name = vscode.workspace.asRelativePath(uri)
  const title = vscode.l10n.t('Hive: reviewing {0}', name)
  const result = await runWithProgress<ReviewResult>(client, title, HubCommand.review, asUri(client, uri))
  if (result !== undefined) await tellResult(name, result)
}

/** *command*: `hive.reviewChanges` or `hive.reviewWorkspace`, of *folder*. */
export async function reviewFolder(client: HiveClient, command: string, folder: vscode.Uri): Promise<void> {
  const name = vscode.workspace.getWorkspaceFolder(folder)?.name ?? vscode.workspace.asRelativePath(folder)
  const title = vscode.l10n.t('Hive: reviewing {0}', name)
  const result = await runWithProgress<WideReviewResult>(client, title, command, asUri(client, folder))
  if (!result) return
  const unread = result.not_analysed === 0 ? [] : [vscode.l10n.t('Files not read: {0}.', result.not_analysed)]
  const message = [vscode.l10n.t('Hive: files read: {0}, findings: {1}.', result.files, result.findings), ...unread]
  await offerProblems(message.join(' '), result.findings)
}

/** The hub's answer; undefined when a person cancelled. What the hub refuses is told. */
async function runWithProgress<R>(
  client: HiveClient,
  title: string,
  command: string,
  ...args: string[]
): Promise<R | undefined> {
  try {
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, cancellation) => run<R>(client, { command, arguments: args }, progress, cancellation),
    )
  } catch (error) {
    await vscode.window.showWarningMessage(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

async function run<R>(
  client: HiveClient,
  asked: ExecuteCommandParams,
  progress: vscode.Progress<{ message?: string; increment?: number }>,
  cancellation: vscode.CancellationToken,
): Promise<R | undefined> {
  const workDoneToken = randomUUID()
  const drawing = client.onProgress(WorkDoneProgress.type, workDoneToken, drawInto(progress))
  try {
    // A hub that hangs must not hold the notification after somebody has cancelled.
    return await Promise.race([
      client.sendRequest(ExecuteCommandRequest.type, { ...asked, workDoneToken }, cancellation) as Promise<R>,
      new Promise<undefined>((resolve) => cancellation.onCancellationRequested(() => resolve(undefined))),
    ])
  } finally {
    drawing.dispose()
  }
}

function asUri(client: HiveClient, uri: vscode.Uri): string {
  return client.code2ProtocolConverter.asUri(uri)
}

async function tellResult(name: string, { job_id, state, reason, findings }: ReviewResult): Promise<void> {
  if (job_id === null) return
  if (state === 'not_analysed') {
    await vscode.window.showWarningMessage(vscode.l10n.t('Hive could not review {0}: {1}.', name, reason ?? ''))
    return
  }
  const read = state === 'partial' ? [vscode.l10n.t('Not all of it was read: {0}.', reason ?? '')] : []
  await offerProblems([foundText(findings, name), ...read].join(' '), findings)
}

async function offerProblems(message: string, findings: number): Promise<void> {
  const offered = findings === 0 ? [] : [vscode.l10n.t('Show Problems')]
  const chosen = await vscode.window.showInformationMessage(message, ...offered)
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
