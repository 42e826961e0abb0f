/**
 * Review a file on demand, with progress that can be cancelled.
 *
 * languageclient would draw the hub's progress in the status bar, with no way to stop it: we send the request with a
 * progress token of our own and draw it ourselves.
 */

import { randomUUID } from 'node:crypto'
import * as vscode from 'vscode'
import {
  ExecuteCommandRequest,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node'

import type { HiveClient } from './client'
import { HubCommand } from './protocol'

type ProgressValue = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd

export async function reviewWithProgress(client: HiveClient, uri: vscode.Uri): Promise<void> {
  const title = `Hive: reviewing ${vscode.workspace.asRelativePath(uri)}`
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, cancellation) => {
      const workDoneToken = randomUUID()
      const drawn = client.onProgress(WorkDoneProgress.type, workDoneToken, drawInto(progress))
      try {
        await client.sendRequest(
          ExecuteCommandRequest.type,
          { command: HubCommand.review, arguments: [client.code2ProtocolConverter.asUri(uri)], workDoneToken },
          cancellation,
        )
      } catch (error) {
        if (!cancellation.isCancellationRequested) throw error
      } finally {
        drawn.dispose()
      }
    },
  )
}

/** LSP counts in absolute per cent, VS Code in steps. */
function drawInto(progress: vscode.Progress<{ message?: string; increment?: number }>): (value: ProgressValue) => void {
  let drawn = 0
  return (value) => {
    if (value.kind === 'end') return
    const percentage = Math.max(drawn, Math.min(value.percentage ?? drawn, 100))
    progress.report({ message: value.message, increment: percentage - drawn })
    drawn = percentage
  }
}
