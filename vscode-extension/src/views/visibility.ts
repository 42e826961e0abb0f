/** Work that a view needs only while somebody can see it. */

import * as vscode from 'vscode'

/** *begin* is called when *view* appears; what it returns is disposed when the view is hidden, and at the end. */
export function whileVisible<T>(view: vscode.TreeView<T>, begin: () => vscode.Disposable): vscode.Disposable {
  let work = view.visible ? begin() : undefined
  const listener = view.onDidChangeVisibility(({ visible }) => {
    work?.dispose()
    work = visible ? begin() : undefined
  })
  return new vscode.Disposable(() => {
    work?.dispose()
    listener.dispose()
  })
}
