import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Progress, ShownJob } from '../../src/protocol'
import { jobRow, nestJobs } from '../../src/views/jobRows'

const JOB: ShownJob = {
  id: '1',
  kind: 'review.pull_request',
  project: 'github.com/acme/shop',
  state: 'running',
  attempt: 1,
  requested_by: 'ada',
  workflow_id: null,
  step: null,
  error: null,
  created_at: '2026-11-22T12:00:00Z',
  started_at: null,
  finished_at: null,
}

const ROWS: { job: Partial<ShownJob>; progress?: Progress; detail: string; icon: string }[] = [
  { job: {}, detail: 'running · acme/shop', icon: 'loading~spin' },
  { job: {}, progress: { done: 1, total: 3, note: 'a.py' }, detail: '33 %, a.py · acme/shop', icon: 'loading~spin' },
  { job: {}, progress: { done: 7, total: 3, note: '' }, detail: '100 % · acme/shop', icon: 'loading~spin' },
  {
    job: {},
    progress: { done: 7, total: 0, note: 'reading' },
    detail: 'running, reading · acme/shop',
    icon: 'loading~spin',
  },
  { job: { state: 'queued' }, detail: 'waiting · acme/shop', icon: 'clock' },
  { job: { state: 'dead', error: 'too large' }, detail: 'failed: too large · acme/shop', icon: 'error' },
  { job: { state: 'cancelled' }, detail: 'cancelled · acme/shop', icon: 'circle-slash' },
  { job: { state: 'succeeded', workflow_id: '0', step: 'publish' }, detail: 'done', icon: 'pass' },
]

for (const { job, progress, detail, icon } of ROWS) {
  test(`a job is told as: ${detail}`, () => {
    const row = jobRow({ ...JOB, ...job }, progress)

    assert.equal(row.detail, detail)
    assert.equal(row.icon, icon)
  })
}

test('a kind without a name of ours is shown as it is', () => {
  assert.equal(jobRow({ ...JOB, kind: 'custom.kind' }, undefined).title, 'custom.kind')
})

test('steps stand below their job, in order; one whose job is not listed stands alone', () => {
  const steps = ['4', '3'].map((id) => ({ ...JOB, id, workflow_id: '1' }))
  const lone = { ...JOB, id: '9', workflow_id: 'gone' }

  const nested = nestJobs([lone, ...steps, JOB])

  assert.deepEqual(
    nested.map(({ job, steps }) => [job.id, steps.map(({ id }) => id)]),
    [
      ['9', []],
      ['1', ['3', '4']],
    ],
  )
})
