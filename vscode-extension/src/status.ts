/** What the status item says, from what is known. Pure: `statusItem.ts` draws it. */

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
      return normal('$(loading~spin) Hive', 'Connecting to the hub.')
    case 'stopped':
      return normal('$(circle-outline) Hive', 'Stopped. Files are not reviewed.')
    case 'waiting':
      return warning('$(sync~spin) Hive', `${connection.reason} Trying again in ${Math.round(connection.seconds)} s.`)
    case 'missing':
      return error('$(error) Hive', `The command "${connection.command}" was not found.`)
    case 'unauthorized':
      return error('$(key) Hive', 'The hub does not know this token.')
    case 'misaddressed':
    case 'failed':
      return error('$(error) Hive', connection.reason)
  }
}

function documentText(document: DocumentState): StatusText {
  switch (document.kind) {
    case 'none':
      return normal('$(check) Hive', 'Connected.')
    case 'not_analysed':
      return normal('$(circle-slash) Hive', `Not analysed: ${document.reason}.`)
    case 'pending':
      return normal('$(sync~spin) Hive', 'This file is being reviewed.')
    case 'analysed':
      return analysedText(document.findings, document.omitted, document.skipped)
  }
}

function analysedText(findings: number, omitted: number, skipped: string | undefined): StatusText {
  const shown = findings === 0 ? 'No findings' : findings === 1 ? '1 finding' : `${findings} findings`
  const found = omitted === 0 ? shown : `${shown} and ${omitted} lesser ones not shown`
  const where = skipped === undefined ? 'in this file.' : `in the part of this file that was read (${skipped}).`
  // A check mark would say more than is known of a file that was not read to its end.
  const icon = findings > 0 ? '$(warning)' : skipped === undefined ? '$(check)' : '$(info)'
  const text = [icon, 'Hive', findings > 0 && findings, skipped !== undefined && '(in part)'].filter(Boolean).join(' ')
  return normal(text, `${found} ${where}`)
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
