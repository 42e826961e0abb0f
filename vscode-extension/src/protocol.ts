/**
 * What we and the hub say to each other beyond LSP 3.18: names and shapes, nothing else.
 *
 * The hub's side stands in `lsp/`; change both together.
 */

import { NotificationType, type Range, RequestType } from 'vscode-languageclient/node'

/** Commands that the hub executes; `lsp/commands.py` has them. languageclient registers each with VS Code by its name. */
export const HubCommand = {
  /**
   * [uri, first line?, last line?]: review the file as a job. Answers with a ReviewResult when it is done, which counts
   * what is in the lines; reports to workDoneToken.
   */
  review: 'hive.review',
  /** [folder uri?]: what differs from the last commit. This and the next answer with a WideReviewResult. */
  reviewChanges: 'hive.reviewChanges',
  /** [folder uri?]: every file of it. Both only where the hub reads this machine's files. */
  reviewWorkspace: 'hive.reviewWorkspace',
  /** [uri, first line?, last line?]: rules and a model; this and the next three only with a model. */
  reviewThoroughly: 'hive.reviewThoroughly',
  /** [uri, question]: about the project; the hub shows the answer. */
  ask: 'hive.ask',
  /** [uri, fingerprint]: a model mends it. The edit comes as one to be confirmed. */
  fix: 'hive.fix',
  /** [uri]: as hive.fix, of all open findings of the document. */
  fixAll: 'hive.fixAll',
  /**
   * [uri, first line, last line, instruction]: a model rewrites these lines; only with a model. The edit comes as one to
   * be confirmed.
   */
  rewrite: 'hive.rewrite',
  /** [uri, fingerprint, why?]: no problem, in every place, until it is reopened. */
  dismiss: 'hive.dismiss',
  /** [uri, fingerprint, why?] */
  reopen: 'hive.reopen',
  /** [uri, name, line]: who calls what a code lens is above. Answers with a CallersTold. */
  showCallers: 'hive.showCallers',
  /** [uri, fingerprint, question?]: a model's explanation, which the hub shows. Offered only where there is a model. */
  explain: 'hive.explain',
  /** [thread id, text]: say something in the thread. This and the next five answer with a ThreadResult. */
  replyToThread: 'hive.replyToThread',
  /** [thread id] */
  resolveThread: 'hive.resolveThread',
  /** [thread id] */
  unresolveThread: 'hive.unresolveThread',
  /** [thread id, why?]: dismiss the finding that the thread is about, which resolves the thread. */
  dismissThread: 'hive.dismissThread',
  /** [thread id]: show the newest suggestion of the thread as an edit to be confirmed. */
  applySuggestion: 'hive.applySuggestion',
  /** []: ask GitHub again about the pull requests of the branches that are checked out. */
  refreshPullRequest: 'hive.refreshPullRequest',
  /** []: what this person answered programs, the newest first: ConsentTold[]. */
  consents: 'hive.consents',
  /** [id, …]: take these answers back, [] all of them. Answers with how many went. */
  revokeConsents: 'hive.revokeConsents',
} as const

export interface ThreadResult {
  done: boolean
  /** Why not, or what did not work besides: a sentence for people. '' when there is nothing to say. */
  note: string
}

export interface ReviewResult {
  /** null when no job was made, because the file is not one that is reviewed; the hub has shown why. */
  job_id: string | null
  state: 'analysed' | 'partial' | 'not_analysed'
  reason: string | null
  findings: number
}

/** null: it was cancelled. */
export type WideReviewResult = {
  job_id: string
  /** In a few words. */
  what: string
  files: number
  findings: number
  /** Files that were not read. */
  not_analysed: number
  omitted: number
} | null

/**
 * The text of a virtual document, for whom workspace/textDocumentContent is too new: `hive:/review.md?uri=`,
 * `hive:/fix.diff?uri=&fingerprint=`, `hive:/job.md?id=`. `lsp/virtual.py` has them.
 */
export const ContentRequest = new RequestType<{ uri: string }, { text: string }, void>('hive/content')

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
export const HiveStatusNotification = new NotificationType<HiveStatus>('$/hive/status')

export interface HubConnection {
  connected: boolean
  /** Why not: a sentence for people. '' when connected. */
  reason: string
  /** Until `hive lsp` looks again. */
  seconds: number
}

/** Who calls what is defined in *line* of *uri*; lines are LSP's. */
export interface CallersTold {
  uri: string
  line: number
  locations: { uri: string; range: { start: { line: number; character: number } } }[]
}

/**
 * `hive lsp` lost the hub and waits for it, or has told another one all that it knows of us. What we asked beyond LSP
 * (the views' lists) is to be asked again then.
 */
export const HubConnectionNotification = new NotificationType<HubConnection>('$/hive/connection')

/** In `initializationOptions`, beside the token. `lsp/messages.py: HiveAbilities`, as all that follows, is the hub's side. */
export interface HiveAbilities {
  trusted: boolean
  /** Threads are drawn here: the hub sends no diagnostics of them. */
  pull_requests: boolean
  /** ConsentRequest, EditFileRequest and RunCommandRequest are answered here. */
  programs: boolean
  /** What HubCommand.rewrite lacks is asked for here. */
  instructions: boolean
  /** The places in a CallersTold are shown here. */
  callers?: boolean
  /** false: no code lenses (review, explain, callers) are offered. */
  code_lenses?: boolean
  /** false: nobody looks who calls what, and no lenses tell it. */
  callers_lenses?: boolean
  /** false: nothing is suggested where somebody types, though the hub has a model. */
  inline_completion?: boolean
  /**
   * By this name the window is known again: what it asked of a model is shown when it is back, though it was closed or
   * the hub restarted. Without one, long work ends with the connection.
   */
  editor?: string
}

/** What is checked out in a folder: `remote` is the address of `origin`, `branch` its name there, '' for a commit. */
export interface Checkout {
  root_uri: string
  remote: string
  branch: string
}

/** Another branch was checked out, or another folder opened. */
export const CheckoutsNotification = new NotificationType<{ checkouts: Checkout[] }>('hive/checkouts')

/** The editor tells that the person trusts the workspace now. */
export const TrustNotification = new NotificationType<{ trusted: boolean }>('hive/trust')

export interface ThreadComment {
  author: string
  /** Markdown of strangers. */
  body: string
  url: string
  /** ISO 8601 */
  created_at: string
  /** The hub's App wrote it. */
  is_ours: boolean
}

export interface PullRequestThread {
  id: string
  uri: string
  path: string
  /** 0-based, where its lines are now, edits and commits counted in; null: the file as a whole. */
  start_line: number | null
  end_line: number | null
  /** Those very lines are still there; else they are the nearest. */
  is_exact: boolean
  is_resolved: boolean
  is_outdated: boolean
  url: string
  /** Of the one finding with which the hub began the thread. */
  fingerprint: string | null
  /** `hive.applySuggestion` offers an edit. */
  has_suggestion: boolean
  comments: ThreadComment[]
}

/** Of the branch that is checked out in the folder `root_uri`; the newest one told counts. */
export interface PullRequest {
  root_uri: string
  project: string
  branch: string
  /** null: the branch has no open pull request, or none is known; `note` says why. */
  number: number | null
  title: string
  url: string
  head_sha: string
  /** The newest head of which the hub's review is posted, '' before the first. */
  reviewed_sha: string
  note: string
  threads: PullRequestThread[]
}

export const PullRequestNotification = new NotificationType<PullRequest>('$/hive/pullRequest')

/** A program wants to see what is open, to edit files, or to run commands: the person is asked, once. */
export interface ConsentAsked {
  asker: string
  kind: 'see' | 'edit' | 'run'
  /** The whole question, for people. */
  text: string
}

/** null: the question was closed without an answer. */
export const ConsentRequest = new RequestType<ConsentAsked, { allowed: boolean | null }, void>('hive/consent')

/** One answer that holds, of `hive.consents`. */
export interface ConsentTold {
  id: string
  asker: string
  kind: ConsentAsked['kind']
  is_allowed: boolean
  /** ISO 8601. */
  decided_at: string
}

export interface EditPart {
  start_line: number
  start_character: number
  end_line: number
  end_character: number
  /** Must stand there, or nothing of the edit is done. */
  old_text: string
  new_text: string
}

export interface EditAsked {
  asker: string
  uri: string
  /** Of the open document; null for a file that is not open. */
  version: number | null
  label: string
  edits: EditPart[]
}

export const EditFileRequest = new RequestType<EditAsked, { applied: boolean; reason: string }, void>('hive/editFile')

export interface RunAsked {
  asker: string
  argv: string[]
  cwd_uri: string
  timeout_seconds: number
  max_output_bytes: number
}

export interface RunDone {
  exit_code: number | null
  stdout: string
  stderr: string
  is_cut: boolean
  /** Why it was ended, or never began. */
  reason: string
}

export const RunCommandRequest = new RequestType<RunAsked, RunDone, void>('hive/runCommand')

export type Severity = 'critical' | 'high' | 'medium' | 'low'

/** `lsp/overview.py` is the hub's side of all that follows. A hub names what it answers in `experimental.hive`. */
export interface ShownFinding {
  fingerprint: string
  rule: string
  /** Who found it: the part of the rule before its first dot. */
  origin: string
  severity: Severity
  message: string
  why: string
  cwe: number | null
  range: Range
  status: 'open' | 'dismissed' | 'fixed'
  /** The fix's title, where there is a fix. */
  fix: string | null
  is_safe: boolean
}

export interface ShownDocument {
  uri: string
  version: number | null
  findings: ShownFinding[]
}

export interface ShownJob {
  id: string
  kind: string
  project: string
  state: 'waiting' | 'queued' | 'running' | 'succeeded' | 'dead' | 'cancelled'
  attempt: number
  requested_by: string
  /** The job of which it is a step. */
  workflow_id: string | null
  step: string | null
  /** Why it is dead. */
  error: string | null
  created_at: string
  started_at: string | null
  finished_at: string | null
}

export interface Progress {
  done: number
  total: number
  note: string
}

export interface JobNews {
  id: string
  kind: string
  project: string
  type: string
  message: string
  progress: Progress | null
}

export interface ShownAgent {
  name: string
  role: string | null
  state: string
  note: string
  queues: string[]
  running: number
  capacity: number
  silent_seconds: number | null
}

/** Of every open document, dismissed ones too; `omitted` are more than are listed. */
export const FindingsRequest = new RequestType<object, { documents: ShownDocument[]; omitted: number }, void>(
  'hive/findings',
)

/** What is not over, and the newest of what is. From then on the hub sends `$/hive/job`. */
export const JobsRequest = new RequestType<object, { jobs: ShownJob[] }, void>('hive/jobs')

export const AgentsRequest = new RequestType<object, { agents: ShownAgent[] }, void>('hive/agents')

/** One of those that were listed; it ends a moment later. */
export const CancelJobRequest = new RequestType<{ id: string }, null, void>('hive/cancelJob')

export const JobNotification = new NotificationType<JobNews>('$/hive/job')
