/** The pull requests of the branches that are checked out here, as the hub last told them. */

import * as vscode from 'vscode'

import type { Hub } from '../hub'
import { type PullRequest, PullRequestNotification } from '../protocol'

export class PullRequests implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChange = this.changed.event
  private readonly told = new Map<string, PullRequest>()
  private readonly listeners: vscode.Disposable[]

  constructor(hub: Hub) {
    this.listeners = [
      hub.onNotification(PullRequestNotification, (pullRequest) => {
        this.told.set(pullRequest.root_uri, pullRequest)
        this.changed.fire()
      }),
      hub.onDidChange(() => {
        if (hub.isConnected) return
        this.told.clear()
        this.changed.fire()
      }),
    ]
  }

  dispose(): void {
    vscode.Disposable.from(...this.listeners, this.changed).dispose()
  }

  all(): PullRequest[] {
    return [...this.told.values()]
  }
}
