/**
 * Programs that drive this editor through the hub: the person is asked, then files are edited and commands run.
 *
 * The hub has checked all of it; here it is checked again, for a hub elsewhere may be anybody's.
 */

import * as fs from 'node:fs'
import * as path from 'node:path'
import * as vscode from 'vscode'

import type { HiveClient } from '../client'
import type { Logs } from '../logs'
import {
  type ConsentAsked,
  ConsentRequest,
  type EditAsked,
  EditFileRequest,
  type RunAsked,
  RunCommandRequest,
  type RunDone,
  TrustNotification,
} from '../protocol'
import type { Session } from '../session'
import { readSettings } from '../settings'
import { isAllowed, placeIn } from './allowed'
import { revokeConsents } from './consents'
import { EditPreview, rangeOf } from './editPreview'
import { failure, runCommand } from './runCommand'

type EditDone = { applied: boolean; reason: string }

const UNTRUSTED = 'the workspace is not trusted'
const LONGEST_RUN_SECONDS = 600
const MOST_OUTPUT_BYTES = 1024 * 1024

export function registerPrograms(session: Session, logs: Logs): vscode.Disposable {
  const previews = new EditPreview()
  return vscode.Disposable.from(
    previews,
    session.onDidMakeClient((client) => {
      client.onRequest(ConsentRequest, askPerson)
      client.onRequest(EditFileRequest, async (asked, over) => {
        const done = await editFile(client, previews, asked, over)
        const name = vscode.workspace.asRelativePath(vscode.Uri.parse(asked.uri))
        logs.client.info(`${asked.asker} edits ${name}: ${done.applied ? 'done' : done.reason}`)
        return done
      })
      client.onRequest(RunCommandRequest, async (asked, over) => {
        const done = await runInFolder(asked, over)
        logs.client.info(
          `${asked.asker} runs ${JSON.stringify(asked.argv)}: ${done.reason || `exit code ${done.exit_code}`}`,
        )
        return done
      })
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      void session.running?.sendNotification(TrustNotification, { trusted: true })
    }),
    vscode.commands.registerCommand('hive.revokePrograms', () => revokeConsents(session)),
  )
}

/**
 * Modal: what is answered here holds until it is taken back, so it is not to be pressed away by the way. Nor is it to be
 * allowed by who was just typing: Enter denies.
 */
async function askPerson({ text }: ConsentAsked): Promise<{ allowed: boolean | null }> {
  const [allow, deny] = [vscode.l10n.t('Allow'), vscode.l10n.t('Deny')]
  const chosen = await vscode.window.showWarningMessage(text.slice(0, 2000), { modal: true }, deny, allow)
  return { allowed: chosen === undefined ? null : chosen === allow }
}

/** Place and text are looked at before anything is shown, and again before anything is done: a person takes their time. */
async function editFile(
  client: HiveClient,
  previews: EditPreview,
  asked: EditAsked,
  over: vscode.CancellationToken,
): Promise<EditDone> {
  if (!vscode.workspace.isTrusted) return { applied: false, reason: UNTRUSTED }
  const uri = client.protocol2CodeConverter.asUri(asked.uri)
  const misplaced = whyMisplaced(uri)
  if (misplaced !== undefined) return { applied: false, reason: misplaced }
  const document = await vscode.workspace.openTextDocument(uri)
  const stale = whyStale(document, asked)
  if (stale !== undefined) return { applied: false, reason: stale }
  if (readSettings().previewEdits) {
    const refusal = await previews.ask(document, asked, over)
    const reason = refusal ?? whyMisplaced(uri) ?? whyStale(document, asked)
    if (reason !== undefined) return { applied: false, reason }
  }
  const edit = new vscode.WorkspaceEdit()
  for (const part of asked.edits) edit.replace(uri, rangeOf(part), part.new_text)
  const applied = await vscode.workspace.applyEdit(edit)
  return { applied, reason: applied ? '' : 'the editor did not apply it' }
}

function whyMisplaced(uri: vscode.Uri): string | undefined {
  if (uri.scheme === 'file' && placeIn(uri.fsPath, folders(), fs.realpathSync.native) !== undefined) return undefined
  return 'the file does not lie in a folder that is open, or a link leads there'
}

function whyStale(document: vscode.TextDocument, asked: EditAsked): string | undefined {
  if (asked.version !== null && document.version !== asked.version) {
    return `the document has version ${document.version} by now`
  }
  const stale = asked.edits.find((part) => document.getText(rangeOf(part)) !== part.old_text)
  return stale && `the text at line ${stale.start_line + 1} is another one by now`
}

async function runInFolder(asked: RunAsked, over: vscode.CancellationToken): Promise<RunDone> {
  if (!vscode.workspace.isTrusted) return failure(UNTRUSTED)
  if (!isAllowed(asked.argv, readSettings().allowedCommands)) {
    return failure('the editor does not allow this command: the setting hive.allowedCommands names those that it does')
  }
  const cwd = vscode.Uri.parse(asked.cwd_uri, true)
  const open = folders()
  if (cwd.scheme !== 'file' || !open.includes(path.normalize(cwd.fsPath))) return failure('this folder is not open')
  const ended = new AbortController()
  over.onCancellationRequested(() => ended.abort())
  return runCommand({
    argv: asked.argv,
    cwd: cwd.fsPath,
    timeoutSeconds: Math.min(asked.timeout_seconds, LONGEST_RUN_SECONDS),
    maxOutputBytes: Math.min(asked.max_output_bytes, MOST_OUTPUT_BYTES),
    over: ended.signal,
  })
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => path.normalize(uri.fsPath))
}
