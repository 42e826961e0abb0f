/**
 * What we and the hub say to each other beyond LSP 3.18: names and shapes, nothing else.
 *
 * The hub's side stands in `lsp/`; change both together.
 */

import { NotificationType } from 'vscode-languageclient/node'

/** Commands that the hub executes; `lsp/commands.py` has them. languageclient registers each with VS Code by its name. */
export const HubCommand = {
  /** [uri]: review the file as a job. Answers with a ReviewResult when it is done; reports to workDoneToken. */
  review: 'hive.review',
  /** [uri, fingerprint, why?]: no problem, in every place, until it is reopened. */
  dismiss: 'hive.dismiss',
  /** [uri, fingerprint, why?] */
  reopen: 'hive.reopen',
} as const

export interface ReviewResult {
  /** null when no job was made, because the file is not one that is reviewed; the hub has shown why. */
  job_id: string | null
  state: 'analysed' | 'partial' | 'not_analysed'
  reason: string | null
  findings: number
}

/** The `source` of every diagnostic of ours. */
export const DIAGNOSTIC_SOURCE = 'hive'

/** The hub's answer to an editor whose token it does not know. */
export const UNAUTHORIZED = -32001

/** `lsp/reviewing.py: Status` is the hub's side. */
export interface HiveStatus {
  uri: string
  state: 'pending' | 'analysed' | 'partial' | 'not_analysed'
  version: number | null
  /** Why the file was read in part or not at all, as a phrase. */
  reason: string | null
  /** Open findings by severity. */
  counts: { critical: number; high: number; medium: number; low: number }
  /** Findings over the hub's cap, not shown. */
  omitted: number
}

/** The hub tells how far it has read one document: "not analysed" is not "clean". */
export const HiveStatusNotification = new NotificationType<HiveStatus>('hive/status')
