import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import type { PullRequestThread } from '../../src/protocol'
import { contextOf, labelOf, titleOf, withoutPictures } from '../../src/pullRequests/threadWords'

function aThread(fields: Partial<PullRequestThread> = {}, body = 'Why?'): PullRequestThread {
  return {
    id: 'PRRT_1',
    uri: 'file:///a.py',
    path: 'a.py',
    start_line: 3,
    end_line: 3,
    is_exact: true,
    is_resolved: false,
    is_outdated: false,
    url: 'https://github.com/c/1',
    fingerprint: null,
    has_suggestion: false,
    comments: [
      { author: 'grace', body, url: 'https://github.com/c/1', created_at: '2026-11-22T12:00:00Z', is_ours: false },
    ],
    ...fields,
  }
}

const THREADS: { fields: Partial<PullRequestThread>; context: string; label: string }[] = [
  { fields: {}, context: 'thread open', label: 'Pull request' },
  {
    fields: { is_resolved: true, has_suggestion: true, fingerprint: 'f' },
    context: 'thread resolved',
    label: 'Resolved',
  },
  {
    fields: { has_suggestion: true, fingerprint: 'f' },
    context: 'thread open suggestion finding',
    label: 'Pull request',
  },
  { fields: { is_exact: false }, context: 'thread open', label: 'The lines were changed since' },
  {
    fields: { is_exact: false, has_suggestion: true },
    context: 'thread open',
    label: 'The lines were changed since',
  },
  { fields: { start_line: null, end_line: null }, context: 'thread open', label: 'About the whole file' },
]

for (const { fields, context, label } of THREADS) {
  test(`a thread with ${JSON.stringify(fields)} is ${context}`, () => {
    assert.equal(contextOf(aThread(fields)), context)
    assert.equal(labelOf(aThread(fields)), label)
  })
}

const BODIES = [
  { body: '**Mind** the `gap`\n\nmore', title: 'Mind the gap' },
  { body: '<!-- mark -->\n\n> Quoted', title: 'Quoted' },
  { body: '**Medium** · seen=\\[\\] is shared', title: 'Medium · seen=[] is shared' },
  { body: '', title: 'A thread without words' },
]

for (const { body, title } of BODIES) {
  test(`a thread that begins with ${JSON.stringify(body)} is called "${title}"`, () => {
    assert.equal(titleOf(aThread({}, body)), title)
  })
}

test('a comment draws no picture and no HTML', () => {
  assert.equal(withoutPictures('a ![x](https://spy) <img src=y> 1 < 2'), 'a !\\[x](https://spy) &lt;img src=y> 1 < 2')
})
