/** Tells VS Code's menus and views what there is, as the context keys that package.json asks for. */

import type { Disposable } from 'vscode'
import * as vscode from 'vscode'

import type { Hub } from '../hub'
import { AgentsRequest, HubCommand, JobsRequest } from '../protocol'
import type { Session } from '../session'

export function keepContext(session: Session, hub: Hub): Disposable {
  const tell = () => {
    setContext('hive.state', session.state.kind)
    setContext('hive.hasJobs', hub.answers(JobsRequest))
    setContext('hive.hasPullRequests', hub.executes(HubCommand.refreshPullRequest))
    setContext('hive.hasFolderReviews', hub.executes(HubCommand.reviewChanges))
    setContext('hive.hasModel', hub.executes(HubCommand.ask))
    setContext('hive.hasAgents', hub.answers(AgentsRequest))
  }
  tell()
  return hub.onDidChange(tell)
}

function setContext(key: string, value: unknown): void {
  void vscode.commands.executeCommand('setContext', key, value)
}
