/**
 * Programs that drive this editor through the hub: the person is asked, then files are edited and commands run.
 *
 * The hub has checked all of it; here it is checked again, for a hub elsewhere may be anybody's.
 */

import * as fs from 'node:fs'
import * as path from 'node:path'
import * as vscode from 'vscode'

import type { HiveClient } from '../client'
import {
  type ConsentAsked,
  ConsentRequest,
  type EditAsked,
  EditFileRequest,
  HubCommand,
  type RunAsked,
  RunCommandRequest,
  type RunDone,
  TrustNotification,
} from '../protocol'
import type { Session } from '../session'
import { readSettings } from '../settings'
import { isAllowed, placeIn } from './allowed'
import { failure, runCommand } from './runCommand'

type EditDone = { applied: boolean; reason: string }

const UNTRUSTED = 'the workspace is not trusted'
const LONGEST_RUN_SECONDS = 600
const MOST_OUTPUT_BYTES = 1024 * 1024

export function registerPrograms(session: Session): vscode.Disposable {
  return vscode.Disposable.from(
    session.onDidMakeClient((client) => {
      client.onRequest(ConsentRequest, askPerson)
      client.onRequest(EditFileRequest, (asked) => editFile(client, asked))
      client.onRequest(RunCommandRequest, runInFolder)
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      void session.running?.sendNotification(TrustNotification, { trusted: true })
    }),
    vscode.commands.registerCommand('hive.revokePrograms', () => revoke(session)),
  )
}

/** Modal: what is answered here holds until it is taken back, so it is not to be pressed away by the way. */
async function askPerson({ text }: ConsentAsked): Promise<{ allowed: boolean | null }> {
  const [allow, deny] = [vscode.l10n.t('Allow'), vscode.l10n.t('Deny')]
  const chosen = await vscode.window.showWarningMessage(text.slice(0, 2000), { modal: true }, allow, deny)
  return { allowed: chosen === undefined ? null : chosen === allow }
}

async function editFile(client: HiveClient, asked: EditAsked): Promise<EditDone> {
  if (!vscode.workspace.isTrusted) return { applied: false, reason: UNTRUSTED }
  const uri = client.protocol2CodeConverter.asUri(asked.uri)
  if (uri.scheme !== 'file' || placeIn(uri.fsPath, folders(), fs.realpathSync.native) === undefined) {
    return { applied: false, reason: 'the file does not lie in a folder that is open, or a link leads there' }
  }
  const document = await vscode.workspace.openTextDocument(uri)
  if (asked.version !== null && document.version !== asked.version) {
    return { applied: false, reason: `the document has version ${document.version} by now` }
  }
  const edit = new vscode.WorkspaceEdit()
  for (const part of asked.edits) {
    const range = new vscode.Range(part.start_line, part.start_character, part.end_line, part.end_character)
    if (document.getText(range) !== part.old_text) {
      return { applied: false, reason: `the text at line ${part.start_line + 1} is another one by now` }
    }
    edit.replace(uri, range, part.new_text)
  }
  const applied = await vscode.workspace.applyEdit(edit)
  return { applied, reason: applied ? '' : 'the editor did not apply it' }
}

async function runInFolder(asked: RunAsked): Promise<RunDone> {
  if (!vscode.workspace.isTrusted) return failure(UNTRUSTED)
  if (!isAllowed(asked.argv, readSettings().allowedCommands)) {
    return failure('the editor does not allow this command: the setting hive.allowedCommands names those that it does')
  }
  const cwd = vscode.Uri.parse(asked.cwd_uri, true)
  const open = folders()
  if (cwd.scheme !== 'file' || !open.includes(path.normalize(cwd.fsPath))) return failure('this folder is not open')
  return runCommand({
    argv: asked.argv,
    cwd: cwd.fsPath,
    timeoutSeconds: Math.min(asked.timeout_seconds, LONGEST_RUN_SECONDS),
    maxOutputBytes: Math.min(asked.max_output_bytes, MOST_OUTPUT_BYTES),
  })
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => path.normalize(uri.fsPath))
}

async function revoke(session: Session): Promise<void> {
  const client = session.running
  if (client === undefined) {
    await vscode.window.showWarningMessage(vscode.l10n.t('Hive is not connected.'))
    return
  }
  const revoked: unknown = await vscode.commands.executeCommand(HubCommand.revokeConsents)
  const message = vscode.l10n.t('Answers taken back: {0}. Programs will ask again.', Number(revoked))
  await vscode.window.showInformationMessage(message)
}
