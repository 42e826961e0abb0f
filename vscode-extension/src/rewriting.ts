/** What is to become of the lines that a person selected: the hub's command lacks it, so it is asked for here. */

import * as vscode from 'vscode'

/** What was asked for last: often the same is wanted of other lines. */
let last = ''

/** undefined: the person thought otherwise. */
export async function askForInstruction(): Promise<string | undefined> {
  const given = await vscode.window.showInputBox({
    title: vscode.l10n.t('Rewrite with Agent Hive'),
    prompt: vscode.l10n.t('What is to become of the selected lines? You see the edit before it is made.'),
    placeHolder: vscode.l10n.t('for example: early returns instead of nested conditions'),
    value: last,
    ignoreFocusOut: true,
  })
  const instruction = given?.trim() ?? ''
  if (instruction === '') return undefined
  last = instruction
  return instruction
}
