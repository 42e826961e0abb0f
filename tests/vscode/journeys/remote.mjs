// A hub elsewhere: it wants a token, refuses a wrong one, and lets an editor in that shows a code to its operator.
//
// In a folder that is not trusted, where the extension works as everywhere: it runs nothing of the folder.

import { hubAt } from '../hub.mjs'

export default async function remote(editor, step, { token, http }) {
  await editor.page.getByRole('button', { name: "No, I don't trust the authors" }).click()
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.seesStatus('The hub does not know this token')
  step('without a token the hub refuses, and nobody tries again and again')

  await editor.setToken(`${token}-not`)
  const refused = editor.notification('The hub does not know the token of this editor')
  await refused.waitFor()
  await editor.seesStatus('The hub does not know this token')
  step('a wrong token is refused')

  await refused.getByRole('button', { name: 'Log In' }).click()
  const waiting = editor.notification('lets you in with')
  await waiting.waitFor()
  await editor.screenshot('remote-2-code')
  const [, code] = /approve ([\w-]+)/.exec(await waiting.innerText()) ?? []
  await hubAt(http, token)('device/approve', { user_code: code })
  await editor.seesStatus('No findings in this file')
  await editor.screenshot('remote-3-connected')
  step('an operator approves the code that the editor shows, and it is connected')
}
