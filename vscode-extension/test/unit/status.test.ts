import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { type ConnectionState, type DocumentState, statusText } from '../../src/status'

const RUNNING: ConnectionState = { kind: 'running' }

const DOCUMENTS: { document: DocumentState; text: string; summary: string }[] = [
  { document: { kind: 'none' }, text: '$(check) Hive', summary: 'Connected.' },
  { document: { kind: 'pending' }, text: '$(sync~spin) Hive', summary: 'This file is being reviewed.' },
  {
    document: { kind: 'analysed', findings: 0, omitted: 0 },
    text: '$(check) Hive',
    summary: 'No findings in this file.',
  },
  {
    document: { kind: 'analysed', findings: 1, omitted: 0 },
    text: '$(warning) Hive 1',
    summary: '1 finding in this file.',
  },
  {
    document: { kind: 'analysed', findings: 12, omitted: 0 },
    text: '$(warning) Hive 12',
    summary: '12 findings in this file.',
  },
  {
    document: { kind: 'analysed', findings: 50, omitted: 7 },
    text: '$(warning) Hive 50',
    summary: '50 findings and 7 lesser ones not shown in this file.',
  },
  {
    document: { kind: 'analysed', findings: 0, omitted: 0, skipped: 'syntax error in line 3' },
    text: '$(info) Hive (in part)',
    summary: 'No findings in the part of this file that was read (syntax error in line 3).',
  },
  {
    document: { kind: 'analysed', findings: 2, omitted: 0, skipped: 'too slow to read' },
    text: '$(warning) Hive 2 (in part)',
    summary: '2 findings in the part of this file that was read (too slow to read).',
  },
  {
    document: { kind: 'not_analysed', reason: 'larger than 2 MiB' },
    text: '$(circle-slash) Hive',
    summary: 'Not analysed: larger than 2 MiB.',
  },
]

for (const { document, text, summary } of DOCUMENTS) {
  test(`a connected editor says: ${summary}`, () => {
    assert.deepEqual(statusText(RUNNING, document), { text, summary, severity: 'normal' })
  })
}

const CONNECTIONS: { connection: ConnectionState; summary: string; severity: string }[] = [
  { connection: { kind: 'starting' }, summary: 'Connecting to the hub.', severity: 'normal' },
  { connection: { kind: 'stopped' }, summary: 'Stopped. Files are not reviewed.', severity: 'normal' },
  {
    connection: { kind: 'waiting', reason: 'The connection to the hub was lost.', seconds: 2.2 },
    summary: 'The connection to the hub was lost. Trying again in 2 s.',
    severity: 'warning',
  },
  { connection: { kind: 'missing', command: 'hive' }, summary: 'The command "hive" was not found.', severity: 'error' },
  { connection: { kind: 'unauthorized' }, summary: 'The hub does not know this token.', severity: 'error' },
  { connection: { kind: 'misaddressed', reason: 'Not an address.' }, summary: 'Not an address.', severity: 'error' },
  { connection: { kind: 'failed', reason: 'Disk full.' }, summary: 'Disk full.', severity: 'error' },
]

for (const { connection, summary, severity } of CONNECTIONS) {
  test(`while ${connection.kind} nothing is said about the file`, () => {
    const shown = statusText(connection, { kind: 'analysed', findings: 0, omitted: 0 })

    assert.equal(shown.summary, summary)
    assert.equal(shown.severity, severity)
    assert.ok(!shown.text.includes('check'), 'looks like clean')
  })
}
