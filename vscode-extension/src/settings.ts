/** The settings of `hive.*`, typed. package.json declares them with their scopes. */

import * as vscode from 'vscode'

export interface Settings {
  path: string
  address: string
  /** What programs may run here at all. */
  allowedCommands: string[]
}

export function readSettings(): Settings {
  const hive = vscode.workspace.getConfiguration('hive')
  return {
    path: hive.get('path', 'hive'),
    address: hive.get('address', ''),
    allowedCommands: hive.get<string[]>('allowedCommands', []),
  }
}

/** Did something change that only a new connection can follow? */
export function touchesConnection(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration('hive.path') || change.affectsConfiguration('hive.address')
}
