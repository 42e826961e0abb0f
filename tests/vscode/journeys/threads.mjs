// The review threads of the branch's pull request stand at their lines: answered, a suggestion applied, resolved.

export default async function threads(editor, step, { token }) {
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.setToken(token)
  await editor.run('View: Show Agent Hive')
  await editor.row('#7 Sell things').waitFor()
  await editor.row('Prices are decimal').click()
  const thread = editor.page.locator('.review-widget').first()
  await thread.getByText('Prices are decimal').waitFor()
  await editor.screenshot('threads-1-shown')
  step('a thread stands at its line, below what was typed above it')

  await thread.getByRole('button', { name: 'Reply' }).first().click()
  await editor.page.keyboard.type('Good point.')
  await thread.locator('.form-actions').getByRole('button', { name: 'Reply' }).click()
  await thread.locator('.review-comment', { hasText: 'Good point.' }).waitFor()
  await editor.screenshot('threads-2-replied')
  step('a reply is on GitHub, and stands in the thread')

  await thread.getByRole('button', { name: 'Apply Suggestion' }).click()
  await editor.refactorPreview.waitFor()
  await editor.applyRefactorPreview()
  await editor.line('Decimal').waitFor()
  step('a suggestion is applied after a preview')

  await thread.getByRole('button', { name: 'Resolve' }).click()
  await editor.row('Prices are decimal').locator('.codicon-pass').waitFor()
  await editor.screenshot('threads-3-resolved')
  step('and the thread is resolved')
}
