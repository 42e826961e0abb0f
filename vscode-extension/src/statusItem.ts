/** The status item: draws `status.ts`. A click opens the log and never stops anything. */

import * as vscode from 'vscode'

import { isReviewed } from './client'
import { DIAGNOSTIC_SOURCE } from './protocol'
import type { Session } from './session'
import { type DocumentState, statusText } from './status'
import type { Statuses } from './statuses'

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('hive.status', vscode.StatusBarAlignment.Right, 100)
  private readonly listeners: vscode.Disposable[]

  constructor(
    private readonly session: Session,
    private readonly statuses: Statuses,
  ) {
    this.item.name = 'Hive'
    this.item.command = 'hive.showClientLog'
    this.listeners = [
      session.onDidChangeState(() => this.draw()),
      statuses.onDidChange(() => this.draw()),
      vscode.window.onDidChangeActiveTextEditor(() => this.draw()),
      vscode.languages.onDidChangeDiagnostics(() => this.draw()),
    ]
    this.draw()
    this.item.show()
  }

  dispose(): void {
    vscode.Disposable.from(...this.listeners, this.item).dispose()
  }

  private draw(): void {
    const state = this.session.state
    const { text, summary, severity } = statusText(state, this.documentState())
    this.item.text = text
    this.item.tooltip = tooltip(summary, state.kind === 'running')
    this.item.accessibilityInformation = { label: `Hive. ${summary}` }
    this.item.backgroundColor =
      severity === 'normal' ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`)
  }

  private documentState(): DocumentState {
    const document = vscode.window.activeTextEditor?.document
    if (document === undefined) return { kind: 'none' }
    if (!isReviewed(document)) return { kind: 'not_analysed', reason: vscode.l10n.t('it is no file') }
    const heard = this.statuses.get(document.uri)
    if (heard === undefined || heard.state === 'pending') return { kind: 'pending' }
    if (heard.state === 'not_analysed') {
      return { kind: 'not_analysed', reason: heard.reason ?? vscode.l10n.t('the hub did not say why') }
    }
    return {
      kind: 'analysed',
      findings: countFindings(document.uri),
      omitted: heard.omitted,
      skipped: heard.state === 'partial' ? (heard.reason ?? vscode.l10n.t('not all was read')) : undefined,
    }
  }
}

function countFindings(uri: vscode.Uri): number {
  return vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === DIAGNOSTIC_SOURCE).length
}

function tooltip(summary: string, running: boolean): vscode.MarkdownString {
  const offered = [
    ...(running ? [`[${vscode.l10n.t('Review This File')}](command:hive.reviewFile)`] : []),
    `[${vscode.l10n.t('Restart')}](command:hive.restart)`,
    ...(running ? [`[${vscode.l10n.t('Stop')}](command:hive.stop)`] : []),
    `[${vscode.l10n.t('Server Log')}](command:hive.showServerLog)`,
  ]
  const text = new vscode.MarkdownString('', true)
  text.isTrusted = { enabledCommands: ['hive.reviewFile', 'hive.restart', 'hive.stop', 'hive.showServerLog'] }
  text.appendMarkdown('**Hive** ').appendText(summary)
  text.appendMarkdown(`\n\n${offered.join(' · ')}`)
  return text
}
