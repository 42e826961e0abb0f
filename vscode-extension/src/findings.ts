/** All findings that the hub knows of the open documents: what the findings view and the review panel draw. */

import * as vscode from 'vscode'

import type { Hub } from './hub'
import { FindingsRequest, type ShownDocument } from './protocol'

/** Diagnostics come in bursts, also those of other extensions. */
const PAUSE_MILLISECONDS = 100

export class Findings implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChange = this.changed.event
  private readonly listeners: vscode.Disposable[]
  private known: readonly ShownDocument[] = []
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
      const documents = answer?.documents ?? []
      // Drawing anew closes what is open of a view: only when there is something new to see.
      if (JSON.stringify(documents) === JSON.stringify(this.known)) return
      this.known = documents
      this.changed.fire()
    } finally {
      this.timer = undefined
    }
  }
}
