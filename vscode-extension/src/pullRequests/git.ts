/** VS Code's own git extension, as far as we ask it: what is checked out, and where that comes from. */

import * as vscode from 'vscode'

/** Of the API of the extension `vscode.git`, version 1, what is needed here. */
export interface Git {
  repositories: Repository[]
  onDidOpenRepository: vscode.Event<Repository>
  onDidCloseRepository: vscode.Event<Repository>
}

export interface Repository {
  rootUri: vscode.Uri
  state: {
    HEAD?: { name?: string; upstream?: { remote: string; name: string } }
    remotes: { name: string; fetchUrl?: string }[]
    onDidChange: vscode.Event<void>
  }
}

/** Undefined where it is switched off, as in a folder that is not trusted. */
export async function gitOfEditor(): Promise<Git | undefined> {
  const extension = vscode.extensions.getExtension<{ enabled: boolean; getAPI(version: 1): Git }>('vscode.git')
  const exports = await extension?.activate()
  return exports?.enabled ? exports.getAPI(1) : undefined
}

/** The address of the remote to which the branch goes, else of `origin`; without a password. */
export function remoteOf({ state }: Repository): string | undefined {
  const wanted = state.HEAD?.upstream?.remote ?? 'origin'
  const remote = state.remotes.find(({ name }) => name === wanted)?.fetchUrl
  return remote === undefined ? undefined : withoutPassword(remote)
}

/** Some keep a token in the address of a remote. */
function withoutPassword(remote: string): string {
  return remote.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1')
}
