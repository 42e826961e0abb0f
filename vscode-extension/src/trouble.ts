/** Tell a person about what only they can mend, once, with the way to mend it as a button. */

import * as vscode from 'vscode'

import type { ConnectionState } from './status'

interface Trouble {
  message: string
  /** Label -> what it does. */
  remedies: Record<string, () => unknown>
}

export async function tellTrouble(state: ConnectionState): Promise<void> {
  const trouble = troubleOf(state)
  if (trouble === undefined) return
  const chosen = await vscode.window.showErrorMessage(trouble.message, ...Object.keys(trouble.remedies))
  if (chosen !== undefined) await trouble.remedies[chosen]?.()
}

function troubleOf(state: ConnectionState): Trouble | undefined {
  switch (state.kind) {
    case 'missing':
      return {
        message: `Hive needs the command "${state.command}", which was not found on this machine.`,
        remedies: {
          'How to Install': () => run('hive.showWalkthrough'),
          'Set Path': () => run('workbench.action.openSettings', 'hive.path'),
          'Try Again': () => run('hive.restart'),
        },
      }
    case 'unauthorized':
      return {
        message: 'The hub does not know the token of this editor.',
        remedies: { 'Set Token': () => run('hive.setToken'), 'Show Log': () => run('hive.showClientLog') },
      }
    case 'misaddressed':
      return {
        message: state.reason,
        remedies: { 'Set Address': () => run('workbench.action.openSettings', 'hive.address') },
      }
    case 'failed':
      return {
        message: `Hive stopped: ${state.reason}`,
        remedies: { 'Try Again': () => run('hive.restart'), 'Show Log': () => run('hive.showServerLog') },
      }
    default:
      return undefined
  }
}

function run(command: string, ...args: unknown[]): Thenable<unknown> {
  return vscode.commands.executeCommand(command, ...args)
}
