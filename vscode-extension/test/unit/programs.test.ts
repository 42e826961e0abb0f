import * as assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { type TestContext, test } from 'node:test'

import { isAllowed, placeIn } from '../../src/programs/allowed'
import { decisionOf } from '../../src/programs/consentWords'
import { questionOf } from '../../src/programs/editWords'
import { type Run, runCommand } from '../../src/programs/runCommand'

const ENTRIES = ['make test', 'pytest *', '* anything', '']

test('a command is allowed word by word', () => {
  const allowed = [['make', 'test'], ['pytest'], ['pytest', '-q', 'a; b']]
  const refused = [['make'], ['make', 'test', 'x'], ['make test'], ['sh', '-c', 'make test'], ['anything'], [], ['']]

  for (const argv of allowed) assert.ok(isAllowed(argv, ENTRIES), argv.join(' '))
  for (const argv of refused) assert.ok(!isAllowed(argv, ENTRIES), argv.join(' '))
  assert.ok(!isAllowed(['make', 'test'], []))
})

function folder(context: TestContext): string {
  const made = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'hive-programs-')))
  context.after(() => rmSync(made, { recursive: true }))
  return made
}

test('a file is edited only where it lies in an open folder, with no link on the way', (context) => {
  const root = folder(context)
  for (const name of ['src', '.git', 'elsewhere']) mkdirSync(path.join(root, name))
  const files = ['src/a.py', '.git/config', 'elsewhere/b.py', 'All.Code-Workspace']
  for (const name of files) writeFileSync(path.join(root, name), '')
  symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'src', 'out'))
  symlinkSync(path.join(root, 'src'), path.join(root, 'opened'))
  const place = (file: string, ...open: string[]) =>
    placeIn(
      path.join(root, file),
      open.map((name) => path.join(root, name)),
      realpathSync.native,
    )

  assert.equal(place('src/a.py', 'src'), path.join(root, 'src/a.py'))
  assert.equal(place('opened/a.py', 'opened'), path.join(root, 'src/a.py'), 'the folder itself may be a link')
  assert.equal(place('elsewhere/b.py', 'src'), undefined)
  assert.equal(place('src/out/b.py', 'src'), undefined)
  assert.equal(place('src/../elsewhere/b.py', 'src'), undefined)
  assert.equal(place('.git/config', '.'), undefined)
  assert.equal(place('All.Code-Workspace', '.'), undefined)
  assert.equal(place('src/missing.py', 'src'), undefined)
  assert.equal(place('src/a.py'), undefined)
})

function run(context: TestContext, script: string, changes: Partial<Run> = {}) {
  const argv = [process.execPath, '-e', script]
  return runCommand({ argv, cwd: folder(context), timeoutSeconds: 60, maxOutputBytes: 1000, ...changes })
}

test('what a command said and how it ended is told', async (context) => {
  const done = await run(context, 'console.log("out"); console.error("err"); process.exitCode = 3')

  assert.deepEqual(done, { exit_code: 3, stdout: 'out\n', stderr: 'err\n', is_cut: false, reason: '' })
})

test('its environment holds no secret of ours, and no shell reads its arguments', async (context) => {
  process.env.HIVE_TOKEN = 'hive_secret'
  context.after(() => delete process.env.HIVE_TOKEN)

  const done = await run(context, 'console.log(process.env.HIVE_TOKEN, process.argv.length) // $(exit 1); exit 1')

  assert.deepEqual([done.exit_code, done.stdout], [0, 'undefined 1\n'])
})

test('too much output is cut, between two characters', async (context) => {
  const done = await run(context, 'console.log("ä".repeat(1000))', { maxOutputBytes: 5 })

  assert.deepEqual([done.stdout, done.is_cut], ['ää', true])
})

test('what runs too long is ended with all that it started', async (context) => {
  const script = 'require("child_process").spawn("sleep", ["600"], { stdio: "inherit" }); setInterval(() => {}, 1000)'

  const done = await run(context, script, { timeoutSeconds: 0.5 })

  assert.deepEqual([done.exit_code, done.reason], [null, 'it was ended after 0.5 s'])
})

test('what nobody waits for any more is ended with all that it started', async (context) => {
  const script = 'require("child_process").spawn("sleep", ["600"], { stdio: "inherit" }); setInterval(() => {}, 1000)'
  const over = new AbortController()

  const running = run(context, script, { over: over.signal })
  over.abort()

  assert.deepEqual(await running.then(({ exit_code, reason }) => [exit_code, reason]), [
    null,
    'nobody waits for it any more',
  ])
})

test('a command that is not there is a reason, not a crash', async (context) => {
  const done = await runCommand({ argv: ['/nowhere'], cwd: folder(context), timeoutSeconds: 5, maxOutputBytes: 10 })

  assert.equal(done.exit_code, null)
  assert.match(done.reason, /could not be run/)
})

test("a program's words are told as its own, and make no link of a message", () => {
  const asked = { asker: 'robot', uri: 'file:///a.py', version: 1, edits: [] }

  assert.equal(questionOf({ ...asked, label: '' }, 'a.py'), 'The program “robot” wants to edit a.py.')
  assert.equal(
    questionOf({ ...asked, label: 'Tidy [up](command:hive.stop)' }, 'a.py'),
    'The program “robot” wants to edit a.py: Tidy [up] (command:hive.stop)',
  )
})

test('each answer to a program says whether it may, and what', () => {
  const answers = (['see', 'edit', 'run'] as const).flatMap((kind) =>
    [true, false].map((allowed) => {
      return decisionOf({ id: '1', asker: 'robot', kind, is_allowed: allowed, decided_at: '2026-11-23T00:00:00Z' })
    }),
  )

  assert.equal(new Set(answers).size, 6)
  assert.deepEqual(
    answers.map((answer) => answer.includes('not')),
    [false, true, false, true, false, true],
  )
})
