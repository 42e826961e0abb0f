import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { applyEdits } from '../../src/fixEdits'

function edit(from: [number, number], to: [number, number], newText: string) {
  return {
    range: { start: { line: from[0], character: from[1] }, end: { line: to[0], character: to[1] } },
    newText,
  }
}

const CASES = [
  { name: 'nothing', text: 'a\n', edits: [], after: 'a\n' },
  {
    name: 'two in any order',
    text: 'ab\ncd',
    edits: [edit([0, 0], [0, 1], 'X'), edit([1, 1], [1, 2], 'Y')],
    after: 'Xb\ncY',
  },
  {
    name: 'over lines that end in several ways',
    text: 'a\r\nb\rc\nd',
    edits: [edit([1, 0], [3, 0], '')],
    after: 'a\r\nd',
  },
  { name: 'at the very end', text: 'a\n', edits: [edit([1, 0], [1, 0], 'b')], after: 'a\nb' },
  { name: 'after a character of two units', text: '😀x', edits: [edit([0, 2], [0, 3], 'y')], after: '😀y' },
]

for (const { name, text, edits, after } of CASES) {
  test(`edits are applied: ${name}`, () => {
    assert.equal(applyEdits(text, edits), after)
  })
}
