/** Builds the parts and hands each what it needs: the only file that sees all of them. */

import type * as vscode from 'vscode'

import { registerAgentWork } from './agentWork'
import { registerCommands } from './commands'
import { registerFindingActions } from './findingActions'
import { Findings } from './findings'
import { FixPreview } from './fixPreview'
import { Hub } from './hub'
import { createLogs } from './logs'
import { registerReviewPanel } from './panel/reviewPanel'
import { registerPrograms } from './programs/programs'
import { Checkouts } from './pullRequests/checkouts'
import { PullRequests } from './pullRequests/pullRequests'
import { Threads } from './pullRequests/threads'
import { Session } from './session'
import { onDidChangeConnection } from './settings'
import { Statuses } from './statuses'
import { StatusItem } from './statusItem'
import { tellTrouble } from './trouble'
import { AgentsView } from './views/agentsView'
import { keepContext } from './views/context'
import { FindingsView } from './views/findingsView'
import { JobsView } from './views/jobsView'
import { PullRequestView } from './views/pullRequestView'

let session: Session | undefined

export function activate(context: vscode.ExtensionContext): void {
  const logs = createLogs()
  const ours = new Session(context.secrets, logs)
  session = ours
  const hub = new Hub(ours)
  const statuses = new Statuses(ours)
  const findings = new Findings(hub)
  const pullRequests = new PullRequests(hub)
  const fixes = new FixPreview(hub)
  context.subscriptions.push(
    logs,
    ours,
    statuses,
    new StatusItem(ours, statuses),
    registerReviewPanel(context.extensionUri, { hub, findings, statuses }),
    registerCommands(context, ours, logs),
    registerAgentWork(ours),
    registerPrograms(ours, logs),
    hub,
    findings,
    fixes,
    registerFindingActions(fixes),
    keepContext(ours, hub),
    new FindingsView(hub, findings, context.workspaceState),
    new JobsView(hub),
    pullRequests,
    new Checkouts(hub),
    new Threads(pullRequests),
    new PullRequestView(pullRequests),
    new AgentsView(hub),
    ours.onDidChangeState((state) => void tellTrouble(state)),
    onDidChangeConnection(() => void ours.restart()),
  )
  // Not awaited: the editor must not wait for a hub that starts.
  void ours.restart()
}

/** Awaited by the editor, so that `hive lsp` gets its `exit` before the extension host goes. */
export async function deactivate(): Promise<void> {
  await session?.close()
}
