/** What a program wants to edit, beside the text as it is: made only when the person says so, in time. */

import { randomUUID } from 'node:crypto'
import * as vscode from 'vscode'

import { applyEdits } from '../fixEdits'
import { Previews } from '../previews'
import type { EditAsked, EditPart } from '../protocol'
import { questionOf } from './editWords'

/** The hub waits two minutes (`server/ide/driving.py`): it is to hear before that. */
const PATIENCE_SECONDS = 110

/** undefined: the edit may be made. Else why not. */
type Answer = string | undefined

const REFUSED = 'the person did not want it'
const LATE = 'the person did not answer in time'
const OVER = 'nobody waits for it any more'

export class EditPreview implements vscode.Disposable {
  private readonly previews = new Previews<EditAsked>('hive-edit')
  /** Those that wait for an answer, by their address. */
  private readonly waiting = new Map<string, (answer: Answer) => void>()
  private readonly disposables: vscode.Disposable[]

  constructor() {
    this.disposables = [
      this.previews,
      vscode.commands.registerCommand('hive.edit.apply', (uri?: vscode.Uri) => this.decide(uri, undefined)),
      vscode.commands.registerCommand('hive.edit.leave', (uri?: vscode.Uri) => this.decide(uri, REFUSED)),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const { input } of closed) {
          if (input instanceof vscode.TabInputTextDiff) this.waiting.get(input.modified.toString())?.(REFUSED)
        }
      }),
    ]
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose()
  }

  /** *over*: the program, or the person's word for it, is gone. */
  async ask(document: vscode.TextDocument, asked: EditAsked, over: vscode.CancellationToken): Promise<Answer> {
    const name = vscode.workspace.asRelativePath(document.uri)
    const content = applyEdits(document.getText(), asked.edits.map(textEditOf))
    const title = vscode.l10n.t('{0}: edit by {1} (preview)', name, asked.asker)
    const where = { title, line: asked.edits[0]?.start_line ?? 0 }
    const uri = await this.previews.show(document, randomUUID(), { about: asked, content }, where)
    void this.tell(uri, name, asked)
    const gone = over.onCancellationRequested(() => this.waiting.get(uri.toString())?.(OVER))
    const answer = over.isCancellationRequested ? OVER : await this.answerTo(uri)
    gone.dispose()
    await this.previews.close(uri)
    return answer
  }

  private answerTo(uri: vscode.Uri): Promise<Answer> {
    return new Promise((resolve) => {
      const answer = (given: Answer) => {
        clearTimeout(timer)
        this.waiting.delete(uri.toString())
        resolve(given)
      }
      const timer = setTimeout(() => answer(LATE), PATIENCE_SECONDS * 1000)
      this.waiting.set(uri.toString(), answer)
    })
  }

  /** The message goes out of sight after a while; the buttons above the preview stay. */
  private async tell(uri: vscode.Uri, name: string, asked: EditAsked): Promise<void> {
    const [apply, leave] = [vscode.l10n.t('Apply Edit'), vscode.l10n.t('Leave It')]
    const chosen = await vscode.window.showInformationMessage(questionOf(asked, name), apply, leave)
    if (chosen !== undefined) this.decide(uri, chosen === apply ? undefined : REFUSED)
  }

  private decide(given: vscode.Uri | undefined, answer: Answer): void {
    const uri = given ?? this.previews.active()
    const waits = uri && this.waiting.get(uri.toString())
    if (waits !== undefined) waits(answer)
    else void vscode.window.showInformationMessage(vscode.l10n.t('The program does not wait for this edit any more.'))
  }
}

export function rangeOf(part: EditPart): vscode.Range {
  return new vscode.Range(part.start_line, part.start_character, part.end_line, part.end_character)
}

function textEditOf(part: EditPart) {
  const start = { line: part.start_line, character: part.start_character }
  return { range: { start, end: { line: part.end_line, character: part.end_character } }, newText: part.new_text }
}
