/** What the status item says, from what is known. Pure: `statusItem.ts` draws it. */

import { l10n } from 'vscode'

export type ConnectionState =
  | { kind: 'stopped' }
  | { kind: 'starting' }
  | { kind: 'running' }
  | { kind: 'waiting'; reason: string; seconds: number }
  | { kind: 'missing'; command: string }
  | { kind: 'unauthorized' }
  | { kind: 'misaddressed'; reason: string }
  | { kind: 'failed'; reason: string }

export type DocumentState =
  | { kind: 'none' }
  | { kind: 'pending' }
  /** *omitted*: findings over the hub's cap. *skipped*: why not all of the file was read. */
  | { kind: 'analysed'; findings: number; omitted: number; skipped?: string }
  | { kind: 'not_analysed'; reason: string }

export interface StatusText {
  text: string
  /** One sentence; also what a screen reader says. */
  summary: string
  severity: 'normal' | 'warning' | 'error'
}

export function statusText(connection: ConnectionState, document: DocumentState): StatusText {
  switch (connection.kind) {
    case 'running':
      return documentText(document)
    case 'starting':
      return normal('$(loading~spin) Hive', l10n.t('Connecting to the hub.'))
    case 'stopped':
      return normal('$(circle-outline) Hive', l10n.t('Stopped. Files are not reviewed.'))
    case 'waiting':
      return warning(
        '$(sync~spin) Hive',
        l10n.t('{0} Trying again in {1} s.', connection.reason, Math.round(connection.seconds)),
      )
    case 'missing':
      return error('$(error) Hive', l10n.t('The command "{0}" was not found.', connection.command))
    case 'unauthorized':
      return error('$(key) Hive', l10n.t('The hub does not know this token.'))
    case 'misaddressed':
    case 'failed':
      return error('$(error) Hive', connection.reason)
  }
}

function documentText(document: DocumentState): StatusText {
  switch (document.kind) {
    case 'none':
      return normal('$(check) Hive', l10n.t('Connected.'))
    case 'not_analysed':
      return normal('$(circle-slash) Hive', l10n.t('Not analysed: {0}.', document.reason))
    case 'pending':
      return normal('$(sync~spin) Hive', l10n.t('This file is being reviewed.'))
    case 'analysed':
      return analysedText(document.findings, document.omitted, document.skipped)
  }
}

function analysedText(findings: number, omitted: number, skipped: string | undefined): StatusText {
  const shown = countText(findings)
  const found = omitted === 0 ? shown : l10n.t('{0} and {1} lesser ones not shown', shown, omitted)
  const summary =
    skipped === undefined
      ? l10n.t('{0} in this file.', found)
      : l10n.t('{0} in the part of this file that was read ({1}).', found, skipped)
  // A check mark would say more than is known of a file that was not read to its end.
  const icon = findings > 0 ? '$(warning)' : skipped === undefined ? '$(check)' : '$(info)'
  const text = [icon, 'Hive', findings > 0 && findings, skipped !== undefined && l10n.t('(in part)')]
    .filter(Boolean)
    .join(' ')
  return normal(text, summary)
}

function countText(findings: number): string {
  if (findings === 0) return l10n.t('No findings')
  return findings === 1 ? l10n.t('1 finding') : l10n.t('{0} findings', findings)
}

function normal(text: string, summary: string): StatusText {
  return { text, summary, severity: 'normal' }
}

function warning(text: string, summary: string): StatusText {
  return { text, summary, severity: 'warning' }
}

function error(text: string, summary: string): StatusText {
  return { text, summary, severity: 'error' }
}
