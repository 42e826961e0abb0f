/** The settings of `hive.*`, typed. package.json declares them with their scopes. */

import * as vscode from 'vscode'

export interface Settings {
  path: string
  address: string
  /** What programs may run here at all. */
  allowedCommands: string[]
  /** What programs edit is shown before it is made. */
  previewEdits: boolean
  codeLenses: boolean
  callersLenses: boolean
  inlineCompletion: boolean
}

export function readSettings(): Settings {
  const hive = vscode.workspace.getConfiguration('hive')
  return {
    path: hive.get('path', 'hive'),
    address: hive.get('address', ''),
    allowedCommands: hive.get<string[]>('allowedCommands', []),
    previewEdits: hive.get('previewEdits', true),
    codeLenses: hive.get('codeLenses', true),
    callersLenses: hive.get('callersLenses', true),
    inlineCompletion: hive.get('inlineCompletion.enabled', true),
  }
}

/** Of something that only a new connection can follow. Trust alone is told as a change of each restricted setting. */
export function onDidChangeConnection(changed: () => void): vscode.Disposable {
  let last = connectionSettings()
  return vscode.workspace.onDidChangeConfiguration(() => {
    const now = connectionSettings()
    if (now === last) return
    last = now
    changed()
  })
}

function connectionSettings(): string {
  const { path, address, codeLenses, callersLenses, inlineCompletion } = readSettings()
  return JSON.stringify([path, address, codeLenses, callersLenses, inlineCompletion])
}
