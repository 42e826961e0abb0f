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
import { Previews } from './previews'
import type { PlacedFinding } from './views/findingGroups'

export class FixPreview implements vscode.Disposable {
  private readonly previews = new Previews<PlacedFinding>('hive-fix')
  private readonly disposables: vscode.Disposable[]

  constructor(private readonly hub: Hub) {
    this.disposables = [
      this.previews,
      vscode.commands.registerCommand('hive.fix.apply', (uri?: vscode.Uri) =>
        this.apply(uri ?? this.previews.active()),
      ),
      vscode.commands.registerCommand('hive.fix.leave', (uri?: vscode.Uri) =>
        this.previews.close(uri ?? this.previews.active()),
      ),
    ]
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose()
  }

  /** Opens a diff; its title bar has the ways to apply it and to leave it. */
  async show(finding: PlacedFinding, viewColumn?: vscode.ViewColumn): Promise<void> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(finding.uri))
    const edits = await this.editsOf(finding)
    if (edits === undefined) return tellGone()
    const name = vscode.workspace.asRelativePath(document.uri)
    const title = vscode.l10n.t('{0}: {1} (preview)', name, finding.fix ?? finding.rule)
    const kept = { about: finding, content: applyEdits(document.getText(), edits) }
    const where = { title, line: finding.range.start.line, column: viewColumn }
    await this.previews.show(document, finding.fingerprint, kept, where)
  }

  private async apply(uri: vscode.Uri | undefined): Promise<void> {
    const preview = this.previews.find(uri)
    if (preview === undefined) return
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(preview.about.uri))
    const edits = await this.editsOf(preview.about)
    if (edits === undefined) return tellGone()
    if (applyEdits(document.getText(), edits) !== preview.content) return this.show(preview.about)
    const edit = new vscode.WorkspaceEdit()
    edit.set(document.uri, await this.converted(edits))
    if (!(await vscode.workspace.applyEdit(edit))) return tellGone()
    await this.previews.close(uri)
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

async function tellGone(): Promise<void> {
  await vscode.window.showInformationMessage(vscode.l10n.t('The code of this fix was edited meanwhile.'))
}
