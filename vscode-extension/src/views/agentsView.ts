/** The agents view: who works for the hub, how much, and in which state. */

import * as vscode from 'vscode'

import type { Hub } from '../hub'
import { AgentsRequest, type ShownAgent } from '../protocol'
import { whileVisible } from './visibility'

/** Agents beat every few seconds, and no event tells of it. */
const LOOK_AGAIN_MILLISECONDS = 5_000

/** After so long without a beat an agent counts as gone; the hub's own views say the same. */
const SILENT_SECONDS = 15

export class AgentsView implements vscode.TreeDataProvider<ShownAgent>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChangeTreeData = this.changed.event
  private readonly disposables: vscode.Disposable[]
  private agents: ShownAgent[] = []

  constructor(private readonly hub: Hub) {
    const view = vscode.window.createTreeView('hive.agents', { treeDataProvider: this })
    this.disposables = [view, whileVisible(view, () => this.keepLooking())]
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables, this.changed).dispose()
  }

  getChildren(agent?: ShownAgent): ShownAgent[] {
    return agent === undefined ? this.agents : []
  }

  getTreeItem(agent: ShownAgent): vscode.TreeItem {
    const item = new vscode.TreeItem(agent.name)
    const state = stateOf(agent)
    item.description = `${state} · ${vscode.l10n.t('{0} of {1} at work', agent.running, agent.capacity)}`
    item.iconPath = new vscode.ThemeIcon(iconOf(agent))
    item.tooltip = [agent.name, state, agent.note, agent.queues.join(', ')].filter(Boolean).join('\n')
    item.accessibilityInformation = { label: `${agent.name}, ${item.description}` }
    return item
  }

  private keepLooking(): vscode.Disposable {
    const look = () => void this.refresh()
    look()
    const timer = setInterval(look, LOOK_AGAIN_MILLISECONDS)
    return vscode.Disposable.from(this.hub.onDidChange(look), new vscode.Disposable(() => clearInterval(timer)))
  }

  private async refresh(): Promise<void> {
    const answer = await this.hub.ask(AgentsRequest, {}).catch(() => undefined)
    this.agents = answer?.agents ?? []
    this.changed.fire()
  }
}

function isSilent({ silent_seconds }: ShownAgent): boolean {
  return silent_seconds !== null && silent_seconds > SILENT_SECONDS
}

function stateOf(agent: ShownAgent): string {
  return isSilent(agent) ? vscode.l10n.t('not heard of') : agent.state.replaceAll('_', ' ')
}

function iconOf(agent: ShownAgent): string {
  if (isSilent(agent) || agent.state === 'error') return 'warning'
  if (agent.running > 0) return 'loading~spin'
  return agent.state === 'awake' ? 'circle-filled' : 'circle-outline'
}
