// A hub elsewhere: it wants a token, refuses a wrong one, and takes the right one, which is asked for without being shown.
//
// In a folder that is not trusted, where the extension works as everywhere: it runs nothing of the folder.

export default async function remote(editor, step, { token }) {
  await editor.page.getByRole('button', { name: "No, I don't trust the authors" }).click()
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.seesStatus('The hub does not know this token')
  step('without a token the hub refuses, and nobody tries again and again')

  await editor.setToken(`${token}-not`)
  await editor.notification('The hub does not know the token of this editor').waitFor()
  await editor.seesStatus('The hub does not know this token')
  step('a wrong token is refused')

  await editor.setToken(token)
  await editor.seesStatus('No findings in this file')
  await editor.screenshot('remote-2-connected')
  step('the right one connects')
}
