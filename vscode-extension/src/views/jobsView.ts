/** The jobs view: what the hub works on, with live progress; draws `jobRows.ts`. */

import * as vscode from 'vscode'

import type { Hub } from '../hub'
import { CancelJobRequest, type JobNews, JobNotification, JobsRequest, type Progress, type ShownJob } from '../protocol'
import { type JobRow, jobRow, nestJobs } from './jobRows'
import { withChosen } from './redrawn'
import { whileVisible } from './visibility'

/** The hub tells nothing of reviews of the editors' kind until they were listed: there are too many of those. */
const LOOK_AGAIN_MILLISECONDS = 5_000

/** A job's events come in bursts. */
const PAUSE_MILLISECONDS = 200

interface Node {
  job: ShownJob
  steps: Node[]
}

export class JobsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>()
  readonly onDidChangeTreeData = this.changed.event
  private readonly disposables: vscode.Disposable[]
  /** The same objects until the list changes: a menu that is open belongs to one of them. */
  private nodes: Node[] = []
  private readonly progress = new Map<string, Progress>()
  private isVisible = false
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly hub: Hub) {
    const view = vscode.window.createTreeView('hive.jobs', { treeDataProvider: this })
    this.disposables = [
      view,
      whileVisible(view, () => this.look()),
      hub.onDidChange(() => this.refreshSoon()),
      hub.onNotification(JobNotification, (news) => this.heard(news)),
      vscode.commands.registerCommand(
        'hive.job.stop',
        withChosen((node: Node) => this.stop(node)),
      ),
      vscode.commands.registerCommand(
        'hive.job.openLog',
        withChosen(({ job }: Node) => openLog(job)),
      ),
      vscode.commands.registerCommand('hive.jobs.refresh', () => this.refreshSoon()),
    ]
  }

  dispose(): void {
    clearTimeout(this.timer)
    vscode.Disposable.from(...this.disposables, this.changed).dispose()
  }

  getChildren(node?: Node): Node[] {
    return node === undefined ? this.nodes : node.steps
  }

  getTreeItem({ job, steps }: Node): vscode.TreeItem {
    const row = jobRow(job, this.progress.get(job.id))
    const item = new vscode.TreeItem(row.title)
    item.id = job.id
    if (steps.length > 0) item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed
    item.description = row.detail
    item.iconPath = icon(row)
    item.tooltip = new vscode.MarkdownString().appendText(tooltip(job, row))
    item.contextValue = row.isOver || job.workflow_id !== null ? 'job.over' : 'job.live'
    item.accessibilityInformation = { label: `${row.title}, ${row.detail}` }
    return item
  }

  private look(): vscode.Disposable {
    this.isVisible = true
    this.refreshSoon()
    const again = setInterval(() => this.refreshSoon(), LOOK_AGAIN_MILLISECONDS)
    return new vscode.Disposable(() => {
      this.isVisible = false
      clearInterval(again)
    })
  }

  private heard(news: JobNews): void {
    if (news.progress !== null) {
      this.progress.set(news.id, news.progress)
      const node = this.nodes.flatMap((parent) => [parent, ...parent.steps]).find(({ job }) => job.id === news.id)
      if (node !== undefined) this.changed.fire(node)
    } else {
      this.progress.delete(news.id)
      this.refreshSoon()
    }
  }

  private refreshSoon(): void {
    if (!this.isVisible || this.timer !== undefined) return
    this.timer = setTimeout(() => void this.refresh(), PAUSE_MILLISECONDS)
  }

  private async refresh(): Promise<void> {
    try {
      const answer = await this.hub.ask(JobsRequest, {}).catch(() => undefined)
      const nodes = nestJobs(answer?.jobs ?? []).map(({ job, steps }) => ({
        job,
        steps: steps.map((step) => ({ job: step, steps: [] })),
      }))
      if (JSON.stringify(nodes) === JSON.stringify(this.nodes)) return
      this.nodes = nodes
      this.changed.fire(undefined)
    } finally {
      this.timer = undefined
    }
  }

  private async stop({ job }: Node): Promise<void> {
    try {
      await this.hub.ask(CancelJobRequest, { id: job.id })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      await vscode.window.showWarningMessage(vscode.l10n.t('The job was not stopped: {0}', why))
    }
  }
}

/** The hub writes it; languageclient provides documents of this scheme (workspace/textDocumentContent). */
async function openLog({ id }: ShownJob): Promise<void> {
  const uri = vscode.Uri.from({ scheme: 'hive', path: '/job.md', query: `id=${id}` })
  await vscode.window.showTextDocument(uri, { preview: true })
}

function icon({ icon: name }: JobRow): vscode.ThemeIcon {
  const colour = { error: 'problemsErrorIcon.foreground', pass: 'testing.iconPassed' }[name]
  return new vscode.ThemeIcon(name, colour === undefined ? undefined : new vscode.ThemeColor(colour))
}

function tooltip(job: ShownJob, row: JobRow): string {
  const asked = job.requested_by === '' ? '' : vscode.l10n.t('asked for by {0}', job.requested_by)
  const begun = vscode.l10n.t('since {0}', new Date(job.started_at ?? job.created_at).toLocaleString())
  return [row.title, row.detail, asked, begun, job.id].filter(Boolean).join('\n')
}
