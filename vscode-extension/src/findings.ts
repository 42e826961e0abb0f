/**
 * All findings there are: of open documents as the hub tells them whole, of other files as their diagnostics have them.
 * What the findings view and the review panel draw.
 */

import * as vscode from 'vscode'

import type { Hub } from './hub'
import { DIAGNOSTIC_SOURCE, FindingsRequest, type Severity, type ShownDocument, type ShownFinding } from './protocol'

/** Diagnostics come in bursts, also those of other extensions. */
const PAUSE_MILLISECONDS = 100

export class Findings implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChange = this.changed.event
  private readonly listeners: vscode.Disposable[]
  private known: readonly ShownDocument[] = []
  /** Findings that the hub did not list, for their number. */
  omitted = 0
  private watchers = 0
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly hub: Hub) {
    this.listeners = [
      hub.onDidChange(() => this.refreshSoon()),
      // The hub shows what it found as diagnostics first: they are the sign that there is something to ask for.
      vscode.languages.onDidChangeDiagnostics(() => this.refreshSoon()),
    ]
  }

  dispose(): void {
    clearTimeout(this.timer)
    vscode.Disposable.from(...this.listeners, this.changed).dispose()
  }

  get documents(): readonly ShownDocument[] {
    return this.known
  }

  /** Nothing is asked of the hub while nobody looks; dispose what this returns when the view is hidden. */
  watch(): vscode.Disposable {
    this.watchers += 1
    this.refreshSoon()
    return new vscode.Disposable(() => {
      this.watchers -= 1
    })
  }

  private refreshSoon(): void {
    if (this.watchers === 0 || this.timer !== undefined) return
    this.timer = setTimeout(() => void this.refresh(), PAUSE_MILLISECONDS)
  }

  private async refresh(): Promise<void> {
    try {
      // A hub that goes away meanwhile shows as one without findings.
      const answer = await this.hub.ask(FindingsRequest, {}).catch(() => undefined)
      const open = answer?.documents ?? []
      this.omitted = answer?.omitted ?? 0
      const documents = this.hub.isConnected ? [...open, ...inOtherFiles(open)] : []
      // Drawing anew closes what is open of a view: only when there is something new to see.
      if (JSON.stringify(documents) === JSON.stringify(this.known)) return
      this.known = documents
      this.changed.fire()
    } finally {
      this.timer = undefined
    }
  }
}

/** What a review of a folder found in files that are not open. */
function inOtherFiles(open: readonly ShownDocument[]): ShownDocument[] {
  const known = new Set(open.map(({ uri }) => vscode.Uri.parse(uri).toString()))
  return vscode.languages
    .getDiagnostics()
    .filter(([uri]) => !known.has(uri.toString()))
    .map(([uri, diagnostics]) => ({
      uri: uri.toString(),
      version: null,
      findings: diagnostics.filter(({ source }) => source === DIAGNOSTIC_SOURCE).flatMap(findingOf),
    }))
    .filter(({ findings }) => findings.length > 0)
}

/** languageclient keeps the `data` of a diagnostic, though VS Code's own class has no such field. */
function findingOf(diagnostic: vscode.Diagnostic & { data?: { fingerprint?: unknown } }): ShownFinding[] {
  const fingerprint = diagnostic.data?.fingerprint
  if (typeof fingerprint !== 'string') return []
  const code = typeof diagnostic.code === 'object' ? diagnostic.code.value : diagnostic.code
  const rule = String(code ?? '')
  const { start, end } = diagnostic.range
  return [
    {
      fingerprint,
      rule,
      origin: rule.split('.')[0] ?? '',
      severity: severityOf(diagnostic.severity),
      message: diagnostic.message,
      why: '',
      cwe: null,
      range: {
        start: { line: start.line, character: start.character },
        end: { line: end.line, character: end.character },
      },
      status: 'open',
      fix: null,
      is_safe: false,
    },
  ]
}

/** As `lsp/convert.py` made it, from which critical and high cannot be told apart any more. */
function severityOf(severity: vscode.DiagnosticSeverity): Severity {
  if (severity === vscode.DiagnosticSeverity.Error) return 'high'
  return severity === vscode.DiagnosticSeverity.Warning ? 'medium' : 'low'
}
