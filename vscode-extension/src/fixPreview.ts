/**
 * A finding's fix beside the code as it is, to apply or to leave.
 *
 * The fix is asked for again when it is applied: what was edited meanwhile is never overwritten by an old preview.
 */

import * as vscode from 'vscode'
import {
  type CodeAction,
  CodeActionKind,
  CodeActionRequest,
  CodeActionResolveRequest,
  CodeActionTriggerKind,
  TextDocumentEdit,
  type TextEdit,
} from 'vscode-languageclient/node'

import { applyEdits } from './fixEdits'
import type { Hub } from './hub'
import type { PlacedFinding } from './views/findingGroups'

const SCHEME = 'hive-fix'

interface Preview {
  finding: PlacedFinding
  content: string
}

export class FixPreview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly previews = new Map<string, Preview>()
  private readonly changed = new vscode.EventEmitter<vscode.Uri>()
  readonly onDidChange = this.changed.event
  private readonly disposables: vscode.Disposable[]

  constructor(private readonly hub: Hub) {
    this.disposables = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.commands.registerCommand('hive.fix.apply', (uri?: vscode.Uri) => this.apply(uri ?? shownPreview())),
      vscode.commands.registerCommand('hive.fix.leave', (uri?: vscode.Uri) => close(uri ?? shownPreview())),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.previews.delete(uri.toString())),
    ]
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables, this.changed).dispose()
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.previews.get(uri.toString())?.content ?? ''
  }

  /** Opens a diff; its title bar has the ways to apply it and to leave it. */
  async show(finding: PlacedFinding, viewColumn?: vscode.ViewColumn): Promise<void> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(finding.uri))
    const edits = await this.editsOf(finding)
    if (edits === undefined) return tellGone()
    const uri = document.uri.with({ scheme: SCHEME, query: finding.fingerprint })
    this.previews.set(uri.toString(), { finding, content: applyEdits(document.getText(), edits) })
    this.changed.fire(uri)
    const name = vscode.workspace.asRelativePath(document.uri)
    const title = vscode.l10n.t('{0}: {1} (preview)', name, finding.fix ?? finding.rule)
    const selection = new vscode.Range(finding.range.start.line, 0, finding.range.start.line, 0)
    await vscode.commands.executeCommand('vscode.diff', document.uri, uri, title, { selection, viewColumn })
  }

  private async apply(uri: vscode.Uri | undefined): Promise<void> {
    const preview = uri && this.previews.get(uri.toString())
    if (uri === undefined || preview === undefined) return
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(preview.finding.uri))
    const edits = await this.editsOf(preview.finding)
    if (edits === undefined) return tellGone()
    if (applyEdits(document.getText(), edits) !== preview.content) return this.show(preview.finding)
    const edit = new vscode.WorkspaceEdit()
    edit.set(document.uri, await this.converted(edits))
    if (!(await vscode.workspace.applyEdit(edit))) return tellGone()
    await close(uri)
    await vscode.window.showTextDocument(document)
  }

  /** For the text as it is now; undefined when the finding or its fix is gone. */
  private async editsOf({ uri, fingerprint, range }: PlacedFinding): Promise<TextEdit[] | undefined> {
    const { client } = this.hub
    if (client === undefined) return undefined
    const only = [CodeActionKind.QuickFix]
    const context = { diagnostics: [], only, triggerKind: CodeActionTriggerKind.Invoked }
    const offered = await client.sendRequest(CodeActionRequest.type, { textDocument: { uri }, range, context })
    const action = offered?.find((candidate) => (candidate as CodeAction).data?.fingerprint === fingerprint)
    if (action === undefined) return undefined
    const { edit } = await client.sendRequest(CodeActionResolveRequest.type, action as CodeAction)
    return edit?.documentChanges
      ?.filter((change): change is TextDocumentEdit => TextDocumentEdit.is(change))
      .flatMap((change) => change.edits as TextEdit[])
  }

  private async converted(edits: TextEdit[]): Promise<vscode.TextEdit[]> {
    return (await this.hub.client?.protocol2CodeConverter.asTextEdits(edits)) ?? []
  }
}

function shownPreview(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input
  return input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME ? input.modified : undefined
}

async function close(uri: vscode.Uri | undefined): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs)
  const ours = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === uri?.toString(),
  )
  await vscode.window.tabGroups.close(ours)
}

async function tellGone(): Promise<void> {
  await vscode.window.showInformationMessage(vscode.l10n.t('The code of this fix was edited meanwhile.'))
}
