/** Review a file, or more of it, on demand, and say what came of it. */

import * as vscode from 'vscode'

import type { HiveClient } from './client'
import { runWithProgress } from './progress'
import { HubCommand, type ReviewResult, type WideReviewResult } from './protocol'

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
