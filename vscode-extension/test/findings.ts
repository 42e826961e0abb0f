/** Findings as a hub shows them, for tests. */

import type { ShownFinding } from '../src/protocol'

export function aFinding(line: number, fields: Partial<ShownFinding> = {}): ShownFinding {
  return {
    fingerprint: `${line}`,
    rule: 'hive.rule',
    origin: 'hive',
    severity: 'medium',
    message: 'A message.',
    why: 'A reason.',
    cwe: null,
    range: { start: { line, character: 0 }, end: { line, character: 1 } },
    status: 'open',
    fix: null,
    is_safe: false,
    ...fields,
  }
}
