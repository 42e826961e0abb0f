/** The pull request view: the one of the branch that is checked out, with its threads. */

import * as vscode from 'vscode'

import { HubCommand, type PullRequest, type PullRequestThread } from '../protocol'
import type { PullRequests } from '../pullRequests/pullRequests'
import { titleOf } from '../pullRequests/threadWords'

type Node = { pullRequest: PullRequest } | { thread: PullRequestThread }

export class PullRequestView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChangeTreeData = this.changed.event
  private readonly disposables: vscode.Disposable[]

  constructor(private readonly pullRequests: PullRequests) {
    this.disposables = [
      vscode.window.registerTreeDataProvider('hive.pullRequest', this),
      pullRequests.onDidChange(() => this.changed.fire()),
      vscode.commands.registerCommand('hive.pullRequest.refresh', () =>
        vscode.commands.executeCommand(HubCommand.refreshPullRequest),
      ),
      vscode.commands.registerCommand('hive.pullRequest.openOnGitHub', async (node: Node) => {
        const { url } = 'thread' in node ? node.thread : node.pullRequest
        await vscode.env.openExternal(vscode.Uri.parse(url, true))
      }),
    ]
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables, this.changed).dispose()
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      const open = this.pullRequests.all().filter(({ number }) => number !== null)
      return open.map((pullRequest) => ({ pullRequest }))
    }
    return 'thread' in node ? [] : [...node.pullRequest.threads].sort(openFirst).map((thread) => ({ thread }))
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'thread' in node ? threadItem(node.thread) : pullRequestItem(node.pullRequest)
  }
}

function pullRequestItem({ number, title, branch, head_sha, reviewed_sha, note }: PullRequest): vscode.TreeItem {
  const item = new vscode.TreeItem(`#${number} ${title}`, vscode.TreeItemCollapsibleState.Expanded)
  item.description = [note, reviewedText(head_sha, reviewed_sha), branch].filter(Boolean).join(' · ')
  item.iconPath = new vscode.ThemeIcon('git-pull-request')
  item.contextValue = 'pullRequest'
  return item
}

/** '' where no review of it is known. */
function reviewedText(head: string, reviewed: string): string {
  if (reviewed === '') return ''
  return head === reviewed ? vscode.l10n.t('reviewed') : vscode.l10n.t('the newest push is not reviewed yet')
}

function threadItem(thread: PullRequestThread): vscode.TreeItem {
  const item = new vscode.TreeItem(titleOf(thread))
  const line = thread.start_line === null ? '' : `:${thread.start_line + 1}`
  item.id = thread.id
  item.description = `${thread.path}${line} · ${thread.comments[0]?.author ?? ''}`
  item.iconPath = new vscode.ThemeIcon(thread.is_resolved ? 'pass' : 'comment-unresolved')
  item.contextValue = 'pullRequestThread'
  const selection = new vscode.Range(thread.start_line ?? 0, 0, thread.start_line ?? 0, 0)
  item.command = {
    command: 'vscode.open',
    title: vscode.l10n.t('Open'),
    arguments: [vscode.Uri.parse(thread.uri), { selection } satisfies vscode.TextDocumentShowOptions],
  }
  return item
}

function openFirst(one: PullRequestThread, other: PullRequestThread): number {
  return Number(one.is_resolved) - Number(other.is_resolved) || (one.path < other.path ? -1 : 1)
}
