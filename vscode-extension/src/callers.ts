/** The places that call a function, in the editor's own list of references. */

import * as vscode from 'vscode'

import type { CallersTold } from './protocol'

export async function showCallers({ uri, line, locations }: CallersTold): Promise<void> {
  const places = locations.map(({ uri: file, range: { start } }) => {
    return new vscode.Location(vscode.Uri.parse(file), new vscode.Position(start.line, start.character))
  })
  const here = new vscode.Position(line, 0)
  await vscode.commands.executeCommand('editor.action.showReferences', vscode.Uri.parse(uri), here, places)
}
