/** The settings of `hive.*`, typed. package.json declares them with their scopes. */

import * as vscode from 'vscode'

export interface Settings {
  path: string
  address: string
}

export function readSettings(): Settings {
  const hive = vscode.workspace.getConfiguration('hive')
  return { path: hive.get('path', 'hive'), address: hive.get('address', '') }
}

/** Did something change that only a new connection can follow? */
export function touchesConnection(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration('hive.path') || change.affectsConfiguration('hive.address')
}
