/** The findings view: draws `findingGroups.ts` and remembers how a person wants it grouped. */

import * as vscode from 'vscode'

import type { Findings } from '../findings'
import type { Hub } from '../hub'
import { severityName } from '../panel/review'
import { HubCommand, type Severity } from '../protocol'
import { type FindingGroup, GROUPINGS, type Grouping, groupFindings, type PlacedFinding } from './findingGroups'
import { whileVisible } from './visibility'

const GROUPING = 'findings.grouping'
const WITH_DISMISSED = 'findings.withDismissed'

type Node = { group: FindingGroup } | { finding: PlacedFinding }

export class FindingsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChangeTreeData = this.changed.event
  private readonly disposables: vscode.Disposable[]

  constructor(
    private readonly hub: Hub,
    private readonly findings: Findings,
    private readonly memory: vscode.Memento,
  ) {
    const view = vscode.window.createTreeView('hive.findings', { treeDataProvider: this, showCollapseAll: true })
    this.disposables = [
      view,
      whileVisible(view, () => findings.watch()),
      findings.onDidChange(() => {
        const { omitted } = findings
        view.message = omitted === 0 ? undefined : vscode.l10n.t('Not listed, for their number: {0}', omitted)
        this.changed.fire()
      }),
      ...GROUPINGS.map((grouping) =>
        vscode.commands.registerCommand(`hive.findings.groupBy.${grouping}`, () => this.remember(GROUPING, grouping)),
      ),
      vscode.commands.registerCommand('hive.findings.showDismissed', () => this.remember(WITH_DISMISSED, true)),
      vscode.commands.registerCommand('hive.findings.hideDismissed', () => this.remember(WITH_DISMISSED, false)),
    ]
    void this.tellMenus()
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables, this.changed).dispose()
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      return groupFindings(this.findings.documents, this.grouping, this.withDismissed).map((group) => ({ group }))
    }
    return 'group' in node ? node.group.findings.map((finding) => ({ finding })) : []
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'group' in node ? this.groupItem(node.group) : this.findingItem(node.finding)
  }

  private get grouping(): Grouping {
    return this.memory.get<Grouping>(GROUPING, 'file')
  }

  private get withDismissed(): boolean {
    return this.memory.get(WITH_DISMISSED, false)
  }

  private async remember(key: string, value: unknown): Promise<void> {
    await this.memory.update(key, value)
    await this.tellMenus()
    this.changed.fire()
  }

  private async tellMenus(): Promise<void> {
    await vscode.commands.executeCommand('setContext', 'hive.findings.grouping', this.grouping)
    await vscode.commands.executeCommand('setContext', 'hive.findings.withDismissed', this.withDismissed)
  }

  private groupItem({ key, findings }: FindingGroup): vscode.TreeItem {
    const item = new vscode.TreeItem(key, vscode.TreeItemCollapsibleState.Expanded)
    item.id = `${this.grouping} ${key}`
    item.description = String(findings.length)
    if (this.grouping === 'file') {
      // The label, the folder and the icon come from the file by the person's own theme.
      item.label = undefined
      item.resourceUri = vscode.Uri.parse(key)
      item.iconPath = vscode.ThemeIcon.File
      item.description = folderOf(item.resourceUri) // VS Code itself counts the problems of a file
    } else if (this.grouping === 'severity') {
      item.label = severityName(key as Severity)
      item.iconPath = severityIcon(key as Severity)
    } else {
      item.label = originName(key)
      item.iconPath = new vscode.ThemeIcon(key === 'model' ? 'sparkle' : 'law')
    }
    return item
  }

  private findingItem(finding: PlacedFinding): vscode.TreeItem {
    const uri = vscode.Uri.parse(finding.uri)
    const line = finding.range.start.line + 1
    const item = new vscode.TreeItem(finding.message)
    item.id = `${finding.uri} ${finding.fingerprint}`
    item.description = this.grouping === 'file' ? `${finding.rule} [${line}]` : `${nameOf(uri)}:${line} ${finding.rule}`
    item.iconPath =
      finding.status === 'dismissed' ? new vscode.ThemeIcon('circle-slash') : severityIcon(finding.severity)
    item.tooltip = tooltip(finding)
    item.contextValue = this.contextOf(finding)
    const words = [severityName(finding.severity), finding.message, finding.rule, vscode.l10n.t('line {0}', line)]
    if (finding.status === 'dismissed') words.unshift(vscode.l10n.t('Dismissed')) // the icon alone says so
    item.accessibilityInformation = { label: words.join(', ') }
    item.command = { command: 'hive.finding.open', title: vscode.l10n.t('Open'), arguments: [node(finding)] }
    return item
  }

  /** What the menus ask: `finding open fixable explainable`. */
  private contextOf({ status, fix, isOpen }: PlacedFinding): string {
    const words = ['finding', status]
    if (status === 'open' && fix !== null) words.push('fixable')
    if (status === 'open' && isOpen && this.hub.executes(HubCommand.explain)) words.push('explainable')
    return words.join(' ')
  }
}

function node(finding: PlacedFinding): Node {
  return { finding }
}

/** The icon's colour and shape are those of VS Code's own problems. */
function severityIcon(severity: Severity): vscode.ThemeIcon {
  switch (severity) {
    case 'critical':
    case 'high':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground'))
    case 'medium':
      return new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground'))
    case 'low':
      return new vscode.ThemeIcon('info', new vscode.ThemeColor('problemsInfoIcon.foreground'))
  }
}

function originName(origin: string): string {
  switch (origin) {
    case 'hive':
      return vscode.l10n.t("Hive's rules")
    case 'model':
      return vscode.l10n.t('A model')
    default:
      return origin
  }
}

/** A message may quote the code: it is shown as text, and draws no links. */
function tooltip({ message, why, rule, cwe }: PlacedFinding): vscode.MarkdownString {
  const text = new vscode.MarkdownString().appendText(message).appendMarkdown('\n\n').appendText(why)
  return text.appendMarkdown('\n\n').appendText(cwe === null ? rule : `${rule}, CWE-${cwe}`)
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1)
}

function folderOf(uri: vscode.Uri): string {
  const relative = vscode.workspace.asRelativePath(uri)
  return relative.includes('/') ? relative.slice(0, relative.lastIndexOf('/')) : ''
}
