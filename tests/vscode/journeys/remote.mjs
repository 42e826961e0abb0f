// A hub elsewhere: it wants a token, refuses a wrong one, and lets an editor in that shows a code to its operator.
//
// In a folder that is not trusted, where the extension works as everywhere: it runs nothing of the folder.

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
  await editor.choice('All projects of the hub').waitFor()
  await editor.screenshot('remote-2-projects')
  await editor.choice('Another project…').click()
  const project = editor.page.locator('.quick-input-widget input').first()
  await project.fill('shop')
  await editor.page.getByText('Projects are named like').waitFor()
  await project.fill('github.com/acme/shop')
  await project.press('Enter')
  step('a person says what this editor may see on the hub')

  const waiting = editor.notification('the code of this editor is')
  await waiting.waitFor()
  await editor.screenshot('remote-3-code')
  const link = waiting.locator('.notification-list-item-message a')
  const page = await editor.openPage(await link.getAttribute('href'))
  step('it shows a code, and the page on which an operator decides')

  if (page.url() !== `http://${http}/device`) throw new Error(`the code stays in the address: ${page.url()}`)
  await page.getByLabel('Your API key').fill(`${token}-not`)
  await page.getByRole('button', { name: 'Look' }).press('Enter')
  await page.getByRole('status').getByText('this key is wrong').waitFor()
  await page.getByLabel('Your API key').fill(token)
  await page.keyboard.press('Enter')
  await page.getByText('github.com/acme/shop', { exact: true }).waitFor()
  await page.screenshot({ path: `${editor.screenshots}/remote-4-page.png` })
  await page.getByRole('button', { name: 'Let it in' }).press('Enter')
  await page.getByRole('status').getByText('is let in').waitFor()
  await page.close()
  step('the operator sees who asks, and lets it in')

  await editor.seesStatus('No findings in this file')
  await editor.screenshot('remote-5-connected')
  step('it is connected')
}
