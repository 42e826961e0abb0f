/** Builds the parts and hands each what it needs: the only file that sees all of them. */

import * as vscode from 'vscode'

import { registerCommands } from './commands'
import { createLogs } from './logs'
import { Session } from './session'
import { touchesConnection } from './settings'
import { StatusItem } from './statusItem'
import { tellTrouble } from './trouble'

let session: Session | undefined

export function activate(context: vscode.ExtensionContext): void {
  const logs = createLogs()
  const ours = new Session(context.secrets, logs)
  session = ours
  context.subscriptions.push(
    logs,
    ours,
    new StatusItem(ours),
    registerCommands(context, ours, logs),
    ours.onDidChangeState((state) => void tellTrouble(state)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (touchesConnection(change)) void ours.restart()
    }),
  )
  // Not awaited: the editor must not wait for a hub that starts.
  void ours.restart()
}

/** Awaited by the editor, so that `hive lsp` gets its `exit` before the extension host goes. */
export async function deactivate(): Promise<void> {
  await session?.close()
}
