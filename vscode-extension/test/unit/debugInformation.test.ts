import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { debugInformation } from '../../src/debugInformation'

test('the facts stand in one page of Markdown', () => {
  const page = debugInformation({
    extension: 'agent-hive.agent-hive 0.1.0',
    editor: 'Code 1.100.3',
    platform: 'linux x64 6.1',
    remote: 'no',
    trusted: false,
    hub: 'hub:8643',
    command: 'hive',
    state: 'running',
    server: 'agent-hive 0.1.0',
    capabilities: { hoverProvider: true },
    documents: [{ uri: 'a.py', language: 'python', state: '2 diagnostics' }],
  })

  assert.match(page, /^# Hive debug information\n/)
  assert.match(page, /- workspace trusted: no\n/)
  assert.match(page, /- a\.py \(python\): 2 diagnostics\n/)
  assert.match(page, /"hoverProvider": true/)
})
