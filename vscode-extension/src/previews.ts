/** A document as it would be, beside the document as it is: a diff of which one side lies on no disk. */

import * as vscode from 'vscode'

interface Kept<T> {
  about: T
  content: string
}

export interface Where {
  title: string
  /** The line to be seen. */
  line: number
  column?: vscode.ViewColumn
}

/** Of one kind, with what each is *about*; forgotten when its tab is closed. */
export class Previews<T> implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly kept = new Map<string, Kept<T>>()
  private readonly changed = new vscode.EventEmitter<vscode.Uri>()
  readonly onDidChange = this.changed.event
  private readonly disposables: vscode.Disposable[]

  constructor(private readonly scheme: string) {
    this.disposables = [
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.kept.delete(uri.toString())),
    ]
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables, this.changed).dispose()
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.find(uri)?.content ?? ''
  }

  /** *key* tells several previews of a document apart. Answers with the address of the preview. */
  async show(document: vscode.TextDocument, key: string, kept: Kept<T>, where: Where): Promise<vscode.Uri> {
    const uri = document.uri.with({ scheme: this.scheme, query: key })
    this.kept.set(uri.toString(), kept)
    this.changed.fire(uri)
    const selection = new vscode.Range(where.line, 0, where.line, 0)
    const options = { selection, viewColumn: where.column }
    await vscode.commands.executeCommand('vscode.diff', document.uri, uri, where.title, options)
    return uri
  }

  find(uri: vscode.Uri | undefined): Kept<T> | undefined {
    return uri && this.kept.get(uri.toString())
  }

  /** The preview in the active tab. */
  active(): vscode.Uri | undefined {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input
    return input instanceof vscode.TabInputTextDiff && this.find(input.modified) ? input.modified : undefined
  }

  async close(uri: vscode.Uri | undefined): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs)
    const ours = tabs.filter(
      ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === uri?.toString(),
    )
    await vscode.window.tabGroups.close(ours)
  }
}
