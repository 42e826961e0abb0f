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
        message: vscode.l10n.t('Hive needs the command "{0}", which was not found on this machine.', state.command),
        remedies: {
          [vscode.l10n.t('How to Install')]: () => run('hive.showWalkthrough'),
          [vscode.l10n.t('Set Path')]: () => run('workbench.action.openSettings', 'hive.path'),
          [vscode.l10n.t('Try Again')]: () => run('hive.restart'),
        },
      }
    case 'unauthorized':
      return {
        message: vscode.l10n.t('The hub does not know the token of this editor.'),
        remedies: {
          [vscode.l10n.t('Log In')]: () => run('hive.logIn'),
          [vscode.l10n.t('Set Token')]: () => run('hive.setToken'),
          [vscode.l10n.t('Show Log')]: () => run('hive.showClientLog'),
        },
      }
    case 'misaddressed':
      return {
        message: state.reason,
        remedies: { [vscode.l10n.t('Set Address')]: () => run('workbench.action.openSettings', 'hive.address') },
      }
    case 'failed':
      return {
        message: vscode.l10n.t('Hive stopped: {0}', state.reason),
        remedies: {
          [vscode.l10n.t('Try Again')]: () => run('hive.restart'),
          [vscode.l10n.t('Show Log')]: () => run('hive.showServerLog'),
        },
      }
    default:
      return undefined
  }
}

function run(command: string, ...args: unknown[]): Thenable<unknown> {
  return vscode.commands.executeCommand(command, ...args)
}
