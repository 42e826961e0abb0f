/**
 * Tells the hub what is checked out in each folder, as VS Code's own git extension knows it: of another machine the hub
 * knows projects and branches by this alone.
 */

import * as vscode from 'vscode'

import type { Hub } from '../hub'
import { type Checkout, CheckoutsNotification } from '../protocol'
import { type Git, gitOfEditor, type Repository, remoteOf } from './git'

export class Checkouts implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[]
  private git: Git | undefined
  private told = ''

  constructor(private readonly hub: Hub) {
    this.disposables = [
      hub.onDidChange(() => {
        this.told = ''
        void this.tell()
      }),
    ]
    void this.listen()
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose()
  }

  private async listen(): Promise<void> {
    const git = await gitOfEditor()
    if (git === undefined) return // the hub finds out by itself where it can
    const follow = (repository: Repository) => {
      this.disposables.push(repository.state.onDidChange(() => this.tell()))
    }
    this.git = git
    this.disposables.push(
      git.onDidOpenRepository(follow),
      git.onDidCloseRepository(() => this.tell()),
    )
    git.repositories.forEach(follow)
    await this.tell()
  }

  /** Git's state changes at every save: only what is new is told. */
  private async tell(): Promise<void> {
    const checkouts = (this.git?.repositories ?? []).flatMap(checkoutOf)
    const told = JSON.stringify(checkouts)
    const { client } = this.hub
    if (client === undefined || this.git === undefined || told === this.told) return
    this.told = told
    await client.sendNotification(CheckoutsNotification, { checkouts })
  }
}

/** [] without a remote. A detached head, as in the midst of a rebase, still says which project it is. */
function checkoutOf(repository: Repository): Checkout[] {
  const { rootUri, state } = repository
  const branch = state.HEAD?.upstream?.name ?? state.HEAD?.name ?? ''
  const remote = remoteOf(repository)
  return remote === undefined ? [] : [{ root_uri: rootUri.toString(), remote, branch }]
}
