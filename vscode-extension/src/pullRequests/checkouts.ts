/**
 * Tells the hub what is checked out in each folder, as VS Code's own git extension knows it: of another machine the hub
 * knows projects and branches by this alone.
 */

import * as vscode from 'vscode'

import type { Hub } from '../hub'
import { type Checkout, CheckoutsNotification } from '../protocol'

/** Of the API of the extension `vscode.git`, version 1, what is needed here. */
interface Git {
  repositories: Repository[]
  onDidOpenRepository: vscode.Event<Repository>
  onDidCloseRepository: vscode.Event<Repository>
}

interface Repository {
  rootUri: vscode.Uri
  state: {
    HEAD?: { name?: string; upstream?: { remote: string; name: string } }
    remotes: { name: string; fetchUrl?: string }[]
    onDidChange: vscode.Event<void>
  }
}

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
    const extension = vscode.extensions.getExtension<{ enabled: boolean; getAPI(version: 1): Git }>('vscode.git')
    const exports = await extension?.activate()
    if (!exports?.enabled) return // the hub finds out by itself where it can
    const git = exports.getAPI(1)
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
function checkoutOf({ rootUri, state }: Repository): Checkout[] {
  const upstream = state.HEAD?.upstream
  const branch = upstream?.name ?? state.HEAD?.name ?? ''
  const remote = state.remotes.find(({ name }) => name === (upstream?.remote ?? 'origin'))?.fetchUrl
  return remote === undefined ? [] : [{ root_uri: rootUri.toString(), remote: withoutPassword(remote), branch }]
}

/** Some keep a token in the address of a remote. */
function withoutPassword(remote: string): string {
  return remote.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1')
}
