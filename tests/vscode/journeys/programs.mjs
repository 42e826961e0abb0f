// A program asks the hub to see, edit and run here: nothing happens where the folder is not trusted, each kind is asked
// about once, an edit is seen before it is made, and what was answered can be taken back.

import { hubAt } from '../hub.mjs'

export default async function programs(editor, step, { token, http }) {
  const person = hubAt(http, token)
  const { token: key } = await person('keys', { name: 'release robot', scopes: ['write'] })
  const robot = hubAt(http, key)

  const connecting = robot('ide/vscode/connect', { why: 'to raise prices before the sale' })
  await editor.dialog('May the program “release robot” see').waitFor()
  await editor.screenshot('programs-1-may-see')
  await editor.answer('May the program', 'Allow')
  const { id, trusted, documents } = await connecting
  const [{ version }] = documents.filter(({ uri }) => uri.endsWith('/shop.py'))
  step('a program asks to see what is open, and the person allows it')

  const place = { start_line: 5, start_column: 21, end_line: 5, end_column: 24 }
  const changes = [{ ...place, old_text: '1.2', new_text: '1.5' }]
  const edit = () => robot('ide/vscode/edit-file', { editor: id, path: 'shop.py', version, changes, label: 'Raise' })
  await refused(edit(), 'not trusted')
  if (trusted) throw new Error('the editor says that the folder is trusted')
  step('in a folder that is not trusted nobody edits, and nobody is asked')

  await editor.trust()
  const first = refused(edit(), 'did not allow')
  await editor.dialog('edit files in workspaces that you trust').waitFor()
  await editor.screenshot('programs-2-may-edit')
  await editor.answer('edit files', 'Deny')
  await first
  await refused(edit(), 'did not allow')
  step('once denied, it is denied without another question')

  await editor.run('Hive: Revoke What Programs May Do')
  await editor.choice('may see what is open').waitFor()
  await editor.choice('may not edit').click()
  await editor.screenshot('programs-7-revoke')
  await editor.page.keyboard.press('Enter')
  await editor.notification('Answers taken back: 1').waitFor()
  step('the person takes one answer back, and the other one holds')

  const second = edit()
  await editor.answer('edit files', 'Allow')
  await editor.changedText('1.5')
  await editor.screenshot('programs-3-preview')
  await editor
    .notification('“release robot” wants to edit shop.py: Raise')
    .getByRole('button', { name: 'Leave It' })
    .click()
  if ((await second).applied) throw new Error('an edit that was left is said to be applied')
  await editor.line('amount * 1.2').waitFor()
  const third = edit()
  await editor.changedText('1.5')
  await editor.titleAction('Apply Edit').click()
  if (!(await third).applied) throw new Error('an edit that was confirmed is not applied')
  await editor.line('amount * 1.5').waitFor()
  await editor.screenshot('programs-4-edited')
  step('each edit is seen before it is made: one is left, one is applied')

  await refused(robot('ide/vscode/run-command', { editor: id, argv: ['rm', 'shop.py'] }), 'not among those')
  const running = robot('ide/vscode/run-command', { editor: id, argv: ['ls', 'shop.py'] })
  await editor.dialog('run the commands that hub and editor allow').waitFor()
  await editor.screenshot('programs-5-may-run')
  await editor.answer('run the commands', 'Allow')
  const { exit_code, stdout } = await running
  if (exit_code !== 0 || stdout.trim() !== 'shop.py') throw new Error(`ls said ${exit_code} ${stdout}`)
  await editor.run('Hive: Show Client Log')
  await editor.log('release robot runs ["ls","shop.py"]: exit code 0').waitFor()
  await editor.screenshot('programs-6-log')
  step('a command that hub and editor allow is run once the person agrees, and stands in the log')
}

async function refused(asking, why) {
  const said = await asking.then(
    () => 'it was done',
    (error) => error.message,
  )
  if (!said.includes(why)) throw new Error(`not refused because "${why}": ${said}`)
}
