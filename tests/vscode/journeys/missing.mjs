// No hive command on this machine: one message says so, and its buttons lead to the walkthrough and the setting.

export default async function missing(editor, step) {
  await editor.ready()
  await editor.openFile('shop.py')
  const message = editor.notification('was not found on this machine')
  await message.waitFor()
  await editor.seesStatus('The command "/nowhere/hive" was not found')
  await editor.screenshot('missing-1-message')
  step('told once, and in the status item')

  await message.getByRole('button', { name: 'How to Install' }).click()
  await editor.page.getByText('Connect to a hub').first().waitFor()
  await editor.seesInWebview('uv tool install agent-hive')
  await editor.screenshot('missing-2-walkthrough')
  step('the walkthrough says how to install it')

  await editor.status.click()
  await editor.log('was not found').waitFor()
  await editor.screenshot('missing-3-log')
  step('a click on the status item opens the log')

  await editor.run('View: Close All Editors')
  await editor.run('View: Show Extensions')
  await editor.row('Agent Hive').click()
  await editor.seesInWebview('Bugs and security problems as you type')
  const widths = await editor.inWebview.locator('img').evaluateAll((pictures) => {
    return Promise.all(pictures.map((picture) => picture.decode().then(() => picture.naturalWidth)))
  })
  if (widths.length !== 4) throw new Error(`the page of the extension has ${widths.length} pictures`)
  await editor.screenshot('missing-4-page')
  step('the page of the extension shows its pictures')
}
