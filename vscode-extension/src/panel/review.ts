/** What the review panel shows, in words: `reviewPanel.ts` sends it, `webview/panel.ts` draws it. Pure. */

import { l10n } from 'vscode'

import type { HiveStatus, Severity, ShownDocument, ShownFinding } from '../protocol'
import { SEVERITIES } from '../views/findingGroups'

export type Action = 'open' | 'fix' | 'explain' | 'dismiss' | 'reopen'

export interface Review {
  title: string
  summary: string
  files: ReviewedFile[]
  /** Files of which not all was read, with the reason. */
  unread: string[]
}

export interface ReviewedFile {
  name: string
  findings: ReviewedFinding[]
}

export interface ReviewedFinding {
  uri: string
  fingerprint: string
  severity: Severity
  isDismissed: boolean
  /** `High · line 3 · hive.rule · CWE-95`, and first of all whether it is dismissed: no colour says it alone. */
  place: string
  message: string
  why: string
  actions: { action: Action; label: string }[]
}

export interface Sources {
  documents: readonly ShownDocument[]
  statuses: readonly HiveStatus[]
  isConnected: boolean
  /** Whether a model explains what was found in documents that are open. */
  explains: boolean
  nameOf: (uri: string) => string
}

export function makeReview({ documents, statuses, isConnected, explains, nameOf }: Sources): Review {
  const files = documents
    .map(({ uri, version, findings }) => ({
      name: nameOf(uri),
      findings: [...findings].sort(worstFirst).map((finding) => reviewed(finding, uri, explains && version !== null)),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const open = documents.flatMap(({ findings }) => findings).filter(({ status }) => status === 'open')
  return {
    title: l10n.t('Review'),
    summary: isConnected
      ? summaryOf(open, readFiles(documents, statuses))
      : l10n.t('Hive is not connected: nothing is known.'),
    files,
    unread: statuses
      .filter(({ state }) => state === 'partial' || state === 'not_analysed')
      .map(({ uri, reason }) => l10n.t('{0}: not all of it was read ({1})', nameOf(uri), reason ?? '')),
  }
}

export function severityName(severity: Severity): string {
  switch (severity) {
    case 'critical':
      return l10n.t('Critical')
    case 'high':
      return l10n.t('High')
    case 'medium':
      return l10n.t('Medium')
    case 'low':
      return l10n.t('Low')
  }
}

/** Of a file that is not open no status is told: what was found in it shows that it was read. */
function readFiles(documents: readonly ShownDocument[], statuses: readonly HiveStatus[]): number {
  const open = statuses.filter(({ state }) => state === 'analysed' || state === 'partial')
  const found = documents.filter(({ findings }) => findings.length > 0)
  return new Set([...open, ...found].map(({ uri }) => uri)).size
}

function summaryOf(open: ShownFinding[], read: number): string {
  const files = read === 1 ? l10n.t('1 file was read') : l10n.t('{0} files were read', read)
  if (open.length === 0) return l10n.t('No findings. {0}.', files)
  const counts = SEVERITIES.map((severity) => ({
    severity,
    count: open.filter((finding) => finding.severity === severity).length,
  })).filter(({ count }) => count > 0)
  const parts = counts.map(({ severity, count }) => `${count} ${severityName(severity).toLowerCase()}`).join(', ')
  return l10n.t(
    '{0}. {1}.',
    open.length === 1 ? l10n.t('1 finding ({0})', parts) : l10n.t('{0} findings ({1})', open.length, parts),
    files,
  )
}

function reviewed(finding: ShownFinding, uri: string, explains: boolean): ReviewedFinding {
  const line = l10n.t('line {0}', finding.range.start.line + 1)
  const dismissed = finding.status === 'dismissed' ? [l10n.t('Dismissed')] : []
  const weakness = finding.cwe === null ? [] : [`CWE-${finding.cwe}`]
  return {
    uri,
    fingerprint: finding.fingerprint,
    severity: finding.severity,
    isDismissed: finding.status === 'dismissed',
    place: [...dismissed, severityName(finding.severity), line, finding.rule, ...weakness].join(' · '),
    message: finding.message,
    why: finding.why,
    actions: actionsOf(finding, explains),
  }
}

function actionsOf({ status, fix }: ShownFinding, explains: boolean): ReviewedFinding['actions'] {
  const open = { action: 'open' as const, label: l10n.t('Open') }
  if (status === 'dismissed') return [open, { action: 'reopen', label: l10n.t('Reopen') }]
  return [
    open,
    ...(fix === null ? [] : [{ action: 'fix' as const, label: l10n.t('Preview Fix') }]),
    ...(explains ? [{ action: 'explain' as const, label: l10n.t('Explain') }] : []),
    { action: 'dismiss', label: l10n.t('Dismiss') },
  ]
}

function worstFirst(one: ShownFinding, other: ShownFinding): number {
  const rank = ({ status, severity }: ShownFinding) => (status === 'open' ? 0 : 10) + SEVERITIES.indexOf(severity)
  return rank(one) - rank(other) || one.range.start.line - other.range.start.line
}
