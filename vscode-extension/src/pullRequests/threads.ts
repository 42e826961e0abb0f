/** The review threads of the branch's pull request, at their lines in the editor: VS Code's own comments. */

import * as vscode from 'vscode'

import { HubCommand, type PullRequestThread, type ThreadComment, type ThreadResult } from '../protocol'
import type { PullRequests } from './pullRequests'
import { contextOf, labelOf, withoutPictures } from './threadWords'

/** With the thread as the hub knows it, for the commands of its menus. */
interface Shown extends vscode.CommentThread {
  hive?: PullRequestThread
}

export class Threads implements vscode.Disposable {
  private readonly controller = vscode.comments.createCommentController(
    'hive.threads',
    vscode.l10n.t('Agent Hive: pull request'),
  )
  private readonly shown = new Map<string, Shown>()
  private readonly disposables: vscode.Disposable[]

  constructor(private readonly pullRequests: PullRequests) {
    this.controller.options = { prompt: vscode.l10n.t('Reply'), placeHolder: vscode.l10n.t('Reply on GitHub') }
    this.disposables = [
      pullRequests.onDidChange(() => this.draw()),
      register('hive.thread.reply', ({ thread, text }: vscode.CommentReply) => {
        return act(HubCommand.replyToThread, thread, text)
      }),
      register('hive.thread.resolve', (thread: Shown) => act(HubCommand.resolveThread, thread)),
      register('hive.thread.unresolve', (thread: Shown) => act(HubCommand.unresolveThread, thread)),
      register('hive.thread.dismiss', (thread: Shown) => act(HubCommand.dismissThread, thread)),
      register('hive.thread.apply', (thread: Shown) => act(HubCommand.applySuggestion, thread)),
      register('hive.thread.openOnGitHub', async ({ hive }: Shown) => {
        if (hive !== undefined) await vscode.env.openExternal(vscode.Uri.parse(hive.url, true))
      }),
    ]
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables, this.controller).dispose()
  }

  /** Threads stay the objects that they are, so that what somebody writes in one is not lost when another changes. */
  private draw(): void {
    const told = new Map(
      this.pullRequests.all().flatMap(({ threads }) => threads.map((thread) => [thread.id, thread] as const)),
    )
    for (const [id, thread] of this.shown) {
      if (told.get(id)?.uri === thread.uri.toString()) continue
      thread.dispose()
      this.shown.delete(id)
    }
    for (const thread of told.values()) this.drawThread(thread)
  }

  private drawThread(told: PullRequestThread): void {
    const uri = vscode.Uri.parse(told.uri)
    const thread = this.shown.get(told.id) ?? this.create(uri, told)
    thread.hive = told
    // VS Code moves it with edits and tells nobody: it takes over only what differs from what we told it last.
    thread.range = new vscode.Range(0, 0, 0, 1)
    thread.range = rangeOf(told)
    thread.comments = told.comments.map(commentOf)
    thread.contextValue = contextOf(told)
    thread.label = labelOf(told)
    thread.state = told.is_resolved ? vscode.CommentThreadState.Resolved : vscode.CommentThreadState.Unresolved
  }

  private create(uri: vscode.Uri, told: PullRequestThread): Shown {
    const thread: Shown = this.controller.createCommentThread(uri, rangeOf(told), [])
    thread.collapsibleState = told.is_resolved
      ? vscode.CommentThreadCollapsibleState.Collapsed
      : vscode.CommentThreadCollapsibleState.Expanded
    this.shown.set(told.id, thread)
    return thread
  }
}

function register<T>(name: string, command: (argument: T) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(name, command)
}

/** What GitHub or the hub refuses is told; what is done comes back with the thread. */
async function act(command: string, thread: Shown, ...more: string[]): Promise<void> {
  if (thread.hive === undefined) return
  const result = await vscode.commands.executeCommand<ThreadResult | null>(command, thread.hive.id, ...more)
  if (result && !result.done) await vscode.window.showWarningMessage(result.note)
}

function rangeOf({ start_line, end_line }: PullRequestThread): vscode.Range {
  return new vscode.Range(start_line ?? 0, 0, end_line ?? start_line ?? 0, 0)
}

function commentOf({ author, body, created_at, is_ours }: ThreadComment): vscode.Comment {
  return {
    author: { name: author },
    body: new vscode.MarkdownString(withoutPictures(body)),
    mode: vscode.CommentMode.Preview,
    timestamp: new Date(created_at),
    label: is_ours ? vscode.l10n.t('Agent Hive') : undefined,
  }
}
