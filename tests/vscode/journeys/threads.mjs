// The review threads of the branch's pull request stand at their lines: one is answered, its suggestion applied, and
// resolved; of another, the finding is dismissed.

export default async function threads(editor, step, { token }) {
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.setToken(token)
  await editor.run('View: Show Agent Hive')
  await editor.widenSideBar(120)
  await editor.row('#1 ').waitFor()
  await editor.row('Questions are text').click()
  const thread = editor.thread('Questions are text')
  await thread.waitFor()
  await editor.screenshot('threads-1-shown')
  step('the threads stand at their lines, below what was typed above them')

  await thread.getByRole('button', { name: 'Reply' }).first().click()
  await editor.page.keyboard.type('Good point.')
  await thread.locator('.form-actions').getByRole('button', { name: 'Reply' }).click()
  await thread.locator('.review-comment', { hasText: 'Good point.' }).waitFor()
  await editor.seesStatus('3 findings in this file')
  await editor.screenshot('threads-2-replied')
  step('a reply is on GitHub, and stands in the thread')

  await thread.getByRole('button', { name: 'Apply Suggestion' }).click()
  await editor.refactorPreview.waitFor()
  await editor.applyRefactorPreview()
  await editor.line('question: str').waitFor()
  step('a suggestion is applied after a preview')

  await thread.getByRole('button', { name: 'Resolve' }).click()
  await editor.row('Questions are text').locator('.codicon-pass').waitFor()
  await editor.screenshot('threads-3-resolved')
  step('and the thread is resolved')

  await editor.row('is run as code').click()
  const finding = editor.thread('is run as code')
  await finding.getByRole('button', { name: 'Dismiss Finding' }).click()
  await editor.row('is run as code').locator('.codicon-pass').waitFor()
  await editor.screenshot('threads-4-dismissed')
  step('a finding that is dismissed in its thread has it resolved on the pull request')
}
