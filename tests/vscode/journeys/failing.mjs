// A hive command that fails at once: tried again a few times, ever later, then given up with its reason and a way on.

import { symlinkSync, unlinkSync } from 'node:fs'

export default async function failing(editor, step, { command, hive }) {
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.seesStatus('The disk is full. Trying again in')
  await editor.screenshot('failing-1-waiting')
  step('the status item says why, and that it tries again')

  const message = editor.notification('Hive stopped')
  await message.waitFor()
  await editor.seesStatus('The disk is full.')
  await editor.screenshot('failing-2-given-up')
  step('after a few times it is given up, with one message')

  unlinkSync(command)
  symlinkSync(hive, command)
  await message.getByRole('button', { name: 'Try Again' }).click()
  await editor.seesStatus('No findings in this file')
  step('once mended, one button brings it back')
}
