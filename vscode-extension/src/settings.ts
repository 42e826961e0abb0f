/** The settings of `hive.*`, typed. package.json declares them with their scopes. */

import * as vscode from 'vscode'

export interface Settings {
  path: string
  address: string
  /** What programs may run here at all. */
  allowedCommands: string[]
  codeLenses: boolean
}

export function readSettings(): Settings {
  const hive = vscode.workspace.getConfiguration('hive')
  return {
    path: hive.get('path', 'hive'),
    address: hive.get('address', ''),
    allowedCommands: hive.get<string[]>('allowedCommands', []),
    codeLenses: hive.get('codeLenses', true),
  }
}

/** Did something change that only a new connection can follow? */
export function touchesConnection(change: vscode.ConfigurationChangeEvent): boolean {
  return ['hive.path', 'hive.address', 'hive.codeLenses'].some((setting) => change.affectsConfiguration(setting))
}
