import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import type { ShownDocument } from '../../src/protocol'
import { type Grouping, groupFindings } from '../../src/views/findingGroups'
import { aFinding } from '../findings'

const DOCUMENTS: ShownDocument[] = [
  { uri: 'file:///b.py', version: 1, findings: [aFinding(9), aFinding(2, { severity: 'low', origin: 'ruff' })] },
  { uri: 'file:///a.py', version: 1, findings: [aFinding(4, { status: 'dismissed', severity: 'critical' })] },
  { uri: 'file:///c.py', version: 1, findings: [aFinding(1, { severity: 'high' })] },
]

const GROUPED: { grouping: Grouping; withDismissed: boolean; groups: [string, number[]][] }[] = [
  {
    grouping: 'file',
    withDismissed: false,
    groups: [
      ['file:///c.py', [1]],
      ['file:///b.py', [2, 9]],
    ],
  },
  {
    grouping: 'severity',
    withDismissed: false,
    groups: [
      ['high', [1]],
      ['medium', [9]],
      ['low', [2]],
    ],
  },
  {
    grouping: 'origin',
    withDismissed: true,
    groups: [
      ['hive', [4, 9, 1]],
      ['ruff', [2]],
    ],
  },
]

for (const { grouping, withDismissed, groups } of GROUPED) {
  test(`findings by ${grouping}, the worst group first${withDismissed ? ', with those dismissed' : ''}`, () => {
    const found = groupFindings(DOCUMENTS, grouping, withDismissed)

    assert.deepEqual(
      found.map(({ key, findings }) => [key, findings.map(({ range }) => range.start.line)]),
      groups,
    )
  })
}
