/** The review panel: one page with all findings and what can be done about them, kept over a reload of the window. */

import { randomBytes } from 'node:crypto'
import * as vscode from 'vscode'

import type { Findings } from '../findings'
import type { Hub } from '../hub'
import { HubCommand } from '../protocol'
import type { Statuses } from '../statuses'
import { readSaid, type Said, type Shown } from './messages'
import { makeReview } from './review'

const TYPE = 'hive.review'

interface Sources {
  hub: Hub
  findings: Findings
  statuses: Statuses
}

/** The command that opens the panel, and VS Code's way to bring it back. */
export function registerReviewPanel(extension: vscode.Uri, sources: Sources): vscode.Disposable {
  let panel: ReviewPanel | undefined
  const take = (made: vscode.WebviewPanel) => {
    panel = new ReviewPanel(made, extension, sources)
    made.onDidDispose(() => {
      panel = undefined
    })
  }
  return vscode.Disposable.from(
    vscode.commands.registerCommand('hive.showReview', () => {
      if (panel !== undefined) return panel.reveal()
      take(vscode.window.createWebviewPanel(TYPE, vscode.l10n.t('Hive Review'), vscode.ViewColumn.Beside))
    }),
    vscode.window.registerWebviewPanelSerializer(TYPE, {
      deserializeWebviewPanel: async (restored) => take(restored),
    }),
  )
}

class ReviewPanel {
  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly extension: vscode.Uri,
    private readonly sources: Sources,
  ) {
    const { webview } = panel
    webview.options = { enableScripts: true, localResourceRoots: [] }
    panel.iconPath = vscode.Uri.joinPath(extension, 'media', 'icon.png')
    void this.page().then((page) => {
      webview.html = page
    })
    const disposables = [
      sources.findings.watch(),
      sources.findings.onDidChange(() => this.show()),
      sources.statuses.onDidChange(() => this.show()),
      webview.onDidReceiveMessage((message) => this.heard(readSaid(message))),
    ]
    panel.onDidDispose(() => vscode.Disposable.from(...disposables).dispose())
  }

  reveal(): void {
    this.panel.reveal()
  }

  private show(): void {
    const { hub, findings, statuses } = this.sources
    const review = makeReview({
      documents: findings.documents,
      statuses: statuses.all(),
      isConnected: hub.isConnected,
      explains: hub.executes(HubCommand.explain),
      nameOf: (uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)),
    })
    void this.panel.webview.postMessage({ kind: 'review', review } satisfies Shown)
  }

  private heard(said: Said | undefined): void {
    if (said?.kind === 'ready') this.show()
    if (said?.kind !== 'act') return
    const document = this.sources.findings.documents.find(({ uri }) => uri === said.uri)
    const finding = document?.findings.find(({ fingerprint }) => fingerprint === said.fingerprint)
    if (finding === undefined) return
    // The code is shown beside the panel, not in its place.
    const column = vscode.window.tabGroups.all.find(
      ({ viewColumn }) => viewColumn !== this.panel.viewColumn,
    )?.viewColumn
    void vscode.commands.executeCommand(`hive.finding.${said.action}`, {
      finding: { ...finding, uri: said.uri, isOpen: document?.version !== null },
      column,
    })
  }

  /** Script and style stand in the page itself: it loads nothing from anywhere. */
  private async page(): Promise<string> {
    const nonce = randomBytes(16).toString('base64')
    const [script, style] = await Promise.all([this.read('out', 'panel.js'), this.read('media', 'panel.css')])
    return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy"
    content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
  <title>${vscode.l10n.t('Hive Review')}</title>
  <style nonce="${nonce}">${style}</style>
</head>
<body>
  <main></main>
  <script nonce="${nonce}">${script}</script>
</body>
</html>`
  }

  private async read(...parts: string[]): Promise<string> {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.extension, ...parts)))
  }
}
