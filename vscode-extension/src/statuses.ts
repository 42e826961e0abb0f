/** How far the hub has read each document, as it last said: "not analysed" is not "clean". */

import * as vscode from 'vscode'

import { type HiveStatus, HiveStatusNotification } from './protocol'
import type { Session } from './session'

export class Statuses implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChange = this.changed.event
  private readonly heard = new Map<string, HiveStatus>()
  private readonly listeners: vscode.Disposable[]

  constructor(session: Session) {
    this.listeners = [
      session.onDidMakeClient((client) => {
        client.onNotification(HiveStatusNotification, (status) => {
          this.heard.set(status.uri, status)
          this.changed.fire()
        })
      }),
      session.onDidChangeState((state) => {
        if (state.kind !== 'running') this.heard.clear()
        this.changed.fire()
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.heard.delete(document.uri.toString())),
    ]
  }

  dispose(): void {
    vscode.Disposable.from(...this.listeners, this.changed).dispose()
  }

  get(uri: vscode.Uri): HiveStatus | undefined {
    return this.heard.get(uri.toString())
  }

  all(): HiveStatus[] {
    return [...this.heard.values()]
  }
}
