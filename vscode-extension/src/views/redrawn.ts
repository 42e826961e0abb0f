/** A menu of a row that is no more: VS Code forgets what a row was while its view is drawn anew. */

import * as vscode from 'vscode'

/** *act* with what was chosen, or say why nothing happens. */
export function withChosen<T>(act: (chosen: T) => unknown): (chosen?: T) => unknown {
  return (chosen) => (chosen === undefined ? tellRedrawn() : act(chosen))
}

function tellRedrawn(): Thenable<unknown> {
  return vscode.window.showInformationMessage(vscode.l10n.t('The list changed at that moment. Choose again.'))
}
