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
  return vscode.Disposable.from(
    vscode.commands.registerCommand('hive.ask.question', () => ask(session)),
    vscode.commands.registerCommand('hive.fix.file', () => execute(session, HubCommand.fixAll)),
    vscode.commands.registerCommand('hive.review.thoroughly', () => execute(session, HubCommand.reviewThoroughly)),
  )
}

async function ask(session: Session): Promise<void> {
  const question = await vscode.window.showInputBox({
    title: vscode.l10n.t('Ask About This Code'),
    prompt: vscode.l10n.t('A model looks at this file and the project around it.'),
    ignoreFocusOut: true,
  })
  if (question?.trim()) await execute(session, HubCommand.ask, question.trim())
}

/** Of the file in the active editor. languageclient registers each command of the hub with VS Code. */
async function execute(session: Session, command: string, ...args: string[]): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri
  const client = session.running
  if (uri === undefined || client === undefined) return
  await vscode.commands.executeCommand(command, client.code2ProtocolConverter.asUri(uri), ...args)
}
