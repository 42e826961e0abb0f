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
  private file: vscode.TextDocument | undefined

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
      vscode.window.onDidChangeActiveNotebookEditor(() => this.draw()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
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
    const editor = vscode.window.activeTextEditor
    const notebook = notebookOf(editor)
    const document = notebook ?? this.fileOf(editor)
    if (document === undefined && editor === undefined) return { kind: 'none' }
    if (document === undefined) return { kind: 'not_analysed', reason: vscode.l10n.t('it is no file') }
    const heard = this.statuses.get(document.uri)
    if (heard === undefined || heard.state === 'pending') return { kind: 'pending' }
    if (heard.state === 'not_analysed') {
      return { kind: 'not_analysed', reason: heard.reason ?? vscode.l10n.t('the hub did not say why') }
    }
    return {
      kind: 'analysed',
      findings: countFindings(notebook?.getCells().map((cell) => cell.document) ?? [document]),
      omitted: heard.omitted,
      skipped: heard.state === 'partial' ? (heard.reason ?? vscode.l10n.t('not all was read')) : undefined,
    }
  }

  /** The one that is edited; or was, and is still in sight while a preview, a page or a log has the cursor. */
  private fileOf(editor: vscode.TextEditor | undefined): vscode.TextDocument | undefined {
    if (editor !== undefined && isReviewed(editor.document)) this.file = editor.document
    const inSight = vscode.window.visibleTextEditors.some(({ document }) => document === this.file)
    return inSight ? this.file : undefined
  }
}

/** Its cells are reviewed as one. */
function notebookOf(editor: vscode.TextEditor | undefined): vscode.NotebookDocument | undefined {
  const notebook = vscode.window.activeNotebookEditor?.notebook
  const isCell = notebook?.getCells().some((cell) => cell.document === editor?.document)
  return editor === undefined || isCell ? notebook : undefined
}

function countFindings(documents: { uri: vscode.Uri }[]): number {
  const diagnostics = documents.flatMap(({ uri }) => vscode.languages.getDiagnostics(uri))
  return diagnostics.filter((diagnostic) => diagnostic.source === DIAGNOSTIC_SOURCE).length
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
