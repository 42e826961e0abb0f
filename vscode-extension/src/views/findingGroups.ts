/** How the findings view groups and orders findings. Pure: `findingsView.ts` draws it. */

import type { Severity, ShownDocument, ShownFinding } from '../protocol'

export type Grouping = 'file' | 'severity' | 'origin'

export const GROUPINGS: Grouping[] = ['file', 'severity', 'origin']

/** Worst first. */
export const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low']

export interface PlacedFinding extends ShownFinding {
  uri: string
  /** Of a document that is open: only about those a model is asked. */
  isOpen: boolean
}

export interface FindingGroup {
  /** A URI, a severity or an origin. */
  key: string
  findings: PlacedFinding[]
}

/** Groups with the worst finding first; within one, by file and line, or by how bad they are. */
export function groupFindings(
  documents: readonly ShownDocument[],
  grouping: Grouping,
  withDismissed: boolean,
): FindingGroup[] {
  const groups = new Map<string, PlacedFinding[]>()
  for (const finding of place(documents, withDismissed)) {
    const key = keyOf(finding, grouping)
    groups.set(key, [...(groups.get(key) ?? []), finding])
  }
  return [...groups]
    .map(([key, findings]) => ({ key, findings: findings.sort(grouping === 'file' ? byLine : byPlace) }))
    .sort((one, other) => worst(one) - worst(other) || compare(one.key, other.key))
}

function place(documents: readonly ShownDocument[], withDismissed: boolean): PlacedFinding[] {
  return documents.flatMap(({ uri, version, findings }) =>
    findings
      .filter(({ status }) => status === 'open' || (withDismissed && status === 'dismissed'))
      .map((finding) => ({ ...finding, uri, isOpen: version !== null })),
  )
}

function keyOf(finding: PlacedFinding, grouping: Grouping): string {
  return { file: finding.uri, severity: finding.severity, origin: finding.origin }[grouping]
}

function worst({ findings }: FindingGroup): number {
  const open = findings.filter(({ status }) => status === 'open')
  return Math.min(SEVERITIES.length, ...open.map(({ severity }) => SEVERITIES.indexOf(severity)))
}

function byLine(one: PlacedFinding, other: PlacedFinding): number {
  return one.range.start.line - other.range.start.line || one.range.start.character - other.range.start.character
}

function byPlace(one: PlacedFinding, other: PlacedFinding): number {
  return compare(one.uri, other.uri) || byLine(one, other)
}

/** By code points: the same order on every machine. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
