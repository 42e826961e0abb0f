import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { withoutTokens } from '../../src/redaction'

test('no token is left in a trace, however the JSON is laid out', () => {
  const token = 'hive_"quoted\\'

  for (const indent of [undefined, 4]) {
    const trace = withoutTokens(JSON.stringify({ a: 1, initializationOptions: { token }, b: 2 }, null, indent))

    assert.ok(!trace.includes('hive_'))
    assert.equal(JSON.parse(trace).initializationOptions.token, '(hidden)')
    assert.equal(JSON.parse(trace).b, 2)
  }
})
