import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { delaySeconds } from '../../src/backoff'

test('each failure in a row waits twice as long, up to half a minute', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 100].map((failures) => delaySeconds(failures, 0)),
    [1, 2, 4, 8, 16, 30, 30],
  )
})

test('chance spreads the waits by less than a fifth', () => {
  assert.equal(delaySeconds(3, 0.5), 4.4)
  assert.ok(delaySeconds(3, 0.999) < 4.8)
})
