/** The commands of the palette. None of them opens or closes anything that was not asked for. */

import * as os from 'node:os'
import * as vscode from 'vscode'

import { nameAddress, parseAddress } from './address'
import { debugInformation } from './debugInformation'
import { logIn } from './login'
import type { Logs } from './logs'
import { HubCommand } from './protocol'
import { reviewFolder, reviewWithProgress } from './review'
import type { Session } from './session'
import { readSettings } from './settings'
import { statusText } from './status'
import { askForToken } from './token'

export function registerCommands(context: vscode.ExtensionContext, session: Session, logs: Logs): vscode.Disposable {
  const commands: Record<string, (...args: unknown[]) => unknown> = {
    'hive.restart': () => session.restart(),
    'hive.stop': () => session.stop(),
    'hive.showClientLog': () => logs.client.show(true),
    'hive.showServerLog': () => logs.server.show(true),
    'hive.showTrace': () => showTrace(logs),
    'hive.printDebugInformation': () => printDebugInformation(context, session),
    'hive.reviewFile': (uri) => reviewFile(session, uri instanceof vscode.Uri ? uri : undefined),
    'hive.review.changes': () => reviewOpenFolder(session, HubCommand.reviewChanges),
    'hive.review.workspace': () => reviewOpenFolder(session, HubCommand.reviewWorkspace),
    'hive.setToken': () => setToken(context, session),
    'hive.logIn': () => logInAndRestart(context, session),
    'hive.showWalkthrough': () => showWalkthrough(context),
  }
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, command]) => vscode.commands.registerCommand(name, command)),
  )
}

async function reviewFile(session: Session, given: vscode.Uri | undefined): Promise<void> {
  const uri = given ?? vscode.window.activeTextEditor?.document.uri
  if (uri === undefined) {
    await vscode.window.showInformationMessage(vscode.l10n.t('Open the file that Hive should review.'))
    return
  }
  const client = session.running
  if (client === undefined) {
    await offerRestart(session)
    return
  }
  await reviewWithProgress(client, uri)
}

/** Of several folders a person chooses one. */
async function reviewOpenFolder(session: Session, command: string): Promise<void> {
  const [only, ...more] = vscode.workspace.workspaceFolders ?? []
  const folder = more.length === 0 ? only : await vscode.window.showWorkspaceFolderPick()
  if (folder === undefined) return
  const client = session.running
  if (client === undefined) await offerRestart(session)
  else await reviewFolder(client, command, folder.uri)
}

async function offerRestart(session: Session): Promise<void> {
  const { summary } = statusText(session.state, { kind: 'none' })
  const message = vscode.l10n.t('Hive is not connected. {0}', summary)
  const [restart, showLog] = [vscode.l10n.t('Restart'), vscode.l10n.t('Show Log')]
  const chosen = await vscode.window.showWarningMessage(message, restart, showLog)
  if (chosen === restart) await session.restart()
  if (chosen === showLog) await vscode.commands.executeCommand('hive.showClientLog')
}

async function showTrace(logs: Logs): Promise<void> {
  logs.trace.show(true)
  if (logs.trace.logLevel !== vscode.LogLevel.Off) return
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('Nothing is recorded while the setting hive.trace.server is off.'),
    vscode.l10n.t('Record Messages'),
  )
  if (chosen !== undefined) await vscode.workspace.getConfiguration('hive').update('trace.server', 'messages', true)
}

async function setToken(context: vscode.ExtensionContext, session: Session): Promise<void> {
  const address = parseAddress(readSettings().address)
  if (address.kind === 'local') {
    const chosen = await vscode.window.showInformationMessage(
      vscode.l10n.t('The hub of this machine needs no token. For one elsewhere, set its address first.'),
      vscode.l10n.t('Set Address'),
    )
    if (chosen !== undefined) await vscode.commands.executeCommand('workbench.action.openSettings', 'hive.address')
    return
  }
  if (await askForToken(context.secrets, address)) await session.restart()
}

async function logInAndRestart(context: vscode.ExtensionContext, session: Session): Promise<void> {
  if (await logIn(context.secrets, parseAddress(readSettings().address))) await session.restart()
}

async function showWalkthrough(context: vscode.ExtensionContext): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`, false)
}

async function printDebugInformation(context: vscode.ExtensionContext, session: Session): Promise<void> {
  const settings = readSettings()
  const server = session.running?.initializeResult
  const content = debugInformation({
    extension: `${context.extension.id} ${context.extension.packageJSON.version}`,
    editor: `${vscode.env.appName} ${vscode.version}`,
    platform: `${process.platform} ${process.arch} ${os.release()}`,
    remote: vscode.env.remoteName ?? 'no',
    trusted: vscode.workspace.isTrusted,
    hub: hubName(settings.address),
    command: settings.path,
    state: session.state.kind,
    server:
      server?.serverInfo === undefined ? 'unknown' : `${server.serverInfo.name} ${server.serverInfo.version ?? ''}`,
    capabilities: server?.capabilities,
    documents: vscode.workspace.textDocuments
      .filter((document) => document.uri.scheme === 'file')
      .map((document) => ({
        uri: vscode.workspace.asRelativePath(document.uri),
        language: document.languageId,
        state: `${vscode.languages.getDiagnostics(document.uri).length} diagnostics`,
      })),
  })
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content })
  await vscode.window.showTextDocument(document, { preview: true })
}

function hubName(address: string): string {
  try {
    return nameAddress(parseAddress(address))
  } catch (error) {
    return `invalid: ${error instanceof Error ? error.message : String(error)}`
  }
}
