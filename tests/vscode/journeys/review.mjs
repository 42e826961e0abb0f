// A review on demand is a notification that can be cancelled, even while the hub hangs; its result is told.

import { readFileSync } from 'node:fs'

export default async function review(editor, step, { data_dir }) {
  await editor.ready()
  await editor.openFile('total.py')
  await editor.seesStatus('1 finding in this file')
  step('connected')

  const hub = JSON.parse(readFileSync(`${data_dir}/run/hub.json`, 'utf8')).pid
  const progress = editor.notification('Hive: reviewing total.py')
  process.kill(hub, 'SIGSTOP')
  try {
    await editor.run('Hive: Review This File')
    await progress.waitFor()
    await editor.screenshot('review-1-progress')
    await progress.getByRole('button', { name: 'Cancel' }).click()
    await progress.waitFor({ state: 'hidden' })
  } finally {
    process.kill(hub, 'SIGCONT')
  }
  step('cancelled')

  await editor.run('Hive: Review This File')
  const result = editor.notification('Hive: 1 finding in total.py.')
  await result.waitFor()
  await editor.screenshot('review-2-result')
  await result.getByRole('button', { name: 'Show Problems' }).click()
  await editor.problem('hive.code-from-text').waitFor()
  step('reviewed, and the result is told')
}
