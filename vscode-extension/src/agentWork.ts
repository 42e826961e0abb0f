/** What a model is asked to do, from the palette, a lens or the light bulb: with progress that a person can stop. */

import * as vscode from 'vscode'

import { HubCommand } from './protocol'
import type { Session } from './session'

/** What its progress is called; undefined for what no model does. */
export function titleOfWork(command: string): string | undefined {
  switch (command) {
    case HubCommand.ask:
      return vscode.l10n.t('Hive: looking for an answer')
    case HubCommand.explain:
      return vscode.l10n.t('Hive: explaining')
    case HubCommand.fix:
    case HubCommand.fixAll:
      return vscode.l10n.t('Hive: mending')
    case HubCommand.reviewThoroughly:
      return vscode.l10n.t('Hive: reviewing thoroughly')
    case HubCommand.rewrite:
      return vscode.l10n.t('Hive: rewriting')
    default:
      return undefined
  }
}

/** Shown only where the hub has a model (`hive.hasModel`). */
export function registerAgentWork(session: Session): vscode.Disposable {
  const files = new LastFile()
  return vscode.Disposable.from(
    files,
    vscode.commands.registerCommand('hive.ask.question', () => ask(session, files)),
    vscode.commands.registerCommand('hive.fix.file', () => execute(session, files, HubCommand.fixAll)),
    vscode.commands.registerCommand('hive.review.thoroughly', () =>
      execute(session, files, HubCommand.reviewThoroughly),
    ),
  )
}

/** The file that is looked at, or was before a page: people ask on from an answer, or from the review. */
class LastFile implements vscode.Disposable {
  private last: vscode.TextDocument | undefined
  private readonly watch = vscode.window.onDidChangeActiveTextEditor((editor) => this.note(editor))

  constructor() {
    this.note(vscode.window.activeTextEditor)
  }

  dispose(): void {
    this.watch.dispose()
  }

  /** Undefined where none is open; then the person hears so. */
  async find(): Promise<vscode.Uri | undefined> {
    if (this.last !== undefined && !this.last.isClosed) return this.last.uri
    await vscode.window.showInformationMessage(vscode.l10n.t('Open the file that this is about.'))
    return undefined
  }

  private note(editor: vscode.TextEditor | undefined): void {
    if (editor !== undefined && ['file', 'untitled'].includes(editor.document.uri.scheme)) this.last = editor.document
  }
}

async function ask(session: Session, files: LastFile): Promise<void> {
  if ((await files.find()) === undefined) return
  const question = await vscode.window.showInputBox({
    title: vscode.l10n.t('Ask About This Code'),
    prompt: vscode.l10n.t('A model looks at this file and the project around it.'),
    ignoreFocusOut: true,
  })
  if (question?.trim()) await execute(session, files, HubCommand.ask, question.trim())
}

/** languageclient registers each command of the hub with VS Code. */
async function execute(session: Session, files: LastFile, command: string, ...args: string[]): Promise<void> {
  const uri = await files.find()
  const client = session.running
  if (uri === undefined || client === undefined) return
  await vscode.commands.executeCommand(command, client.code2ProtocolConverter.asUri(uri), ...args)
}
