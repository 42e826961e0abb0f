// The hub is killed in the middle of the work: the editor says so, starts it again, and shows what it showed.

import { readFileSync } from 'node:fs'

export default async function killed(editor, step, { data_dir }) {
  const hub = () => JSON.parse(readFileSync(`${data_dir}/run/hub.json`, 'utf8')).pid
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.typeAtEnd('\n\ndef total(text):\n    return eval(text)\n')
  await editor.seesStatus('1 finding in this file')
  step('a finding')

  const first = hub()
  process.kill(first, 'SIGKILL')
  await editor.seesStatus('Trying again')
  await editor.screenshot('killed-1-waiting')
  step('the hub is dead, and the editor says that it tries again')

  await editor.seesStatus('1 finding in this file')
  if (hub() === first) throw new Error('nobody started another hub')
  await editor.screenshot('killed-2-back')
  step('another hub runs, and the finding is back')

  const second = hub()
  await editor.run('Hive: Review Workspace')
  const progress = editor.notification('Hive: reviewing workspace')
  await progress.waitFor()
  process.kill(second, 'SIGKILL')
  await editor.seesStatus('Trying again')
  await progress.waitFor()
  await editor.screenshot('killed-3-mid-work')
  await editor.notification('Hive: files read: 41, findings: 1').waitFor()
  await editor.screenshot('killed-4-done')
  step('a review during which the hub is killed goes on at the next one, and its result comes')
}
