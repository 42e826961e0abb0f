/** What a person does with a finding of a view: open, preview its fix, have it explained, dismiss, reopen. */

import * as vscode from 'vscode'

import type { FixPreview } from './fixPreview'
import { HubCommand } from './protocol'
import type { PlacedFinding } from './views/findingGroups'
import { withChosen } from './views/redrawn'

/** How a menu of a view names what was chosen. *column*: where code is to be shown. */
interface Chosen {
  finding: PlacedFinding
  column?: vscode.ViewColumn
}

export function registerFindingActions(fixes: FixPreview): vscode.Disposable {
  const actions: Record<string, (finding: PlacedFinding, column?: vscode.ViewColumn) => unknown> = {
    'hive.finding.open': open,
    'hive.finding.fix': (finding, column) => fixes.show(finding, column),
    'hive.finding.explain': (finding) => execute(HubCommand.explain, finding),
    'hive.finding.dismiss': (finding) => execute(HubCommand.dismiss, finding),
    'hive.finding.reopen': (finding) => execute(HubCommand.reopen, finding),
  }
  return vscode.Disposable.from(
    ...Object.entries(actions).map(([name, action]) =>
      vscode.commands.registerCommand(
        name,
        withChosen(({ finding, column }: Chosen) => action(finding, column)),
      ),
    ),
  )
}

async function open({ uri, range }: PlacedFinding, viewColumn?: vscode.ViewColumn): Promise<void> {
  const selection = new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character)
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection, viewColumn })
}

/** languageclient registers each command of the hub with VS Code; there its middleware offers to undo a dismissal. */
async function execute(command: string, { uri, fingerprint }: PlacedFinding): Promise<void> {
  await vscode.commands.executeCommand(command, uri, fingerprint)
}
