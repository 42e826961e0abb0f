// A review on demand of a large file: its progress is a notification that can be cancelled, and its result is told.

export default async function review(editor, step) {
  await editor.ready()
  await editor.openFile('large.py')
  await editor.seesStatus('finding')
  step('connected')

  await editor.run('Hive: Review This File')
  const progress = editor.notification('Hive: reviewing large.py')
  await progress.waitFor()
  await editor.screenshot('review-1-progress')
  await progress.getByRole('button', { name: 'Cancel' }).click()
  await progress.waitFor({ state: 'hidden' })
  step('cancelled')

  await editor.run('Hive: Review This File')
  await progress.waitFor()
  await editor.notification(/\d+ findings? in large\.py/).waitFor()
  await editor.screenshot('review-2-result')
  step('reviewed, and the result is told')
}
