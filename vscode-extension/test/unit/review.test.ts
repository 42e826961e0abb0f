import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { readSaid } from '../../src/panel/messages'
import { makeReview, type Sources } from '../../src/panel/review'
import type { HiveStatus, ShownFinding } from '../../src/protocol'
import { aFinding } from '../findings'

function status(uri: string, state: HiveStatus['state'], reason: string | null = null): HiveStatus {
  return { uri, state, reason, version: 1, omitted: 0, counts: { critical: 0, high: 0, medium: 0, low: 0 } }
}

function review(findings: ShownFinding[], more: Partial<Sources> = {}) {
  return makeReview({
    documents: [{ uri: 'file:///a.py', version: 1, findings }],
    statuses: [status('file:///a.py', 'analysed')],
    isConnected: true,
    explains: false,
    nameOf: (uri) => uri.replace('file:///', ''),
    ...more,
  })
}

test('the summary counts what is open, by severity', () => {
  const { summary } = review([aFinding(1), aFinding(2, { severity: 'high' }), aFinding(3, { status: 'dismissed' })])

  assert.equal(summary, '2 findings (1 high, 1 medium). 1 file was read.')
})

test('no findings are told apart from no hub, and from what was not read', () => {
  assert.equal(review([]).summary, 'No findings. 1 file was read.')
  assert.match(review([], { isConnected: false }).summary, /not connected/)
  const statuses = [status('file:///b.py', 'not_analysed', 'binary')]
  assert.deepEqual(review([], { statuses }).unread, ['b.py: not all of it was read (binary)'])
})

test('a file that is not open counts as read where something was found in it', () => {
  const documents = ['file:///a.py', 'file:///b.py'].map((uri) => ({ uri, version: 1, findings: [aFinding(1)] }))

  assert.equal(review([], { documents }).summary, '2 findings (2 medium). 2 files were read.')
})

test('the worst stands first, what was dismissed last', () => {
  const dismissed = aFinding(1, { severity: 'critical', status: 'dismissed' })

  const [file] = review([dismissed, aFinding(2, { severity: 'low' }), aFinding(3, { severity: 'high' })]).files

  assert.deepEqual(
    file?.findings.map(({ fingerprint }) => fingerprint),
    ['3', '2', '1'],
  )
})

const OFFERED: { finding: ShownFinding; explains: boolean; actions: string[] }[] = [
  { finding: aFinding(1), explains: false, actions: ['open', 'dismiss'] },
  { finding: aFinding(1, { fix: 'Mend it' }), explains: true, actions: ['open', 'fix', 'explain', 'dismiss'] },
  { finding: aFinding(1, { fix: 'Mend it', status: 'dismissed' }), explains: true, actions: ['open', 'reopen'] },
]

for (const { finding, explains, actions } of OFFERED) {
  test(`what can be done is offered: ${actions.join(', ')}`, () => {
    const [file] = review([finding], { explains }).files

    assert.deepEqual(
      file?.findings[0]?.actions.map(({ action }) => action),
      actions,
    )
  })
}

test('what was found in a file that is not open is explained by no model', () => {
  const documents = [{ uri: 'file:///a.py', version: null, findings: [aFinding(1)] }]

  const [file] = review([], { documents, explains: true }).files

  assert.deepEqual(
    file?.findings[0]?.actions.map(({ action }) => action),
    ['open', 'dismiss'],
  )
})

for (const message of [
  null,
  'ready',
  { kind: 'other' },
  { kind: 'act', action: 'constructor', uri: 'file:///a.py', fingerprint: '1' },
  { kind: 'act', action: 'open', uri: 3, fingerprint: '1' },
]) {
  test(`the panel may not say ${JSON.stringify(message)}`, () => {
    assert.equal(readSaid(message), undefined)
  })
}
