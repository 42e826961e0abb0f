// A finding appears while typing, is fixed after a preview; another is dismissed; a review on demand is cancelled and run.

export default async function findings(editor, step) {
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.seesStatus('No findings in this file')
  step('connected; a clean file is called clean')

  await editor.typeAtEnd('\n\ndef total(text):\n    return eval(text)\n')
  await editor.squiggles('error').first().waitFor()
  step('a squiggle while typing')
  await editor.showProblems()
  await editor.problem('insecure').waitFor()
  await editor.seesStatus('1 finding in this file')
  step('a row in Problems and a count in the status item')
  await editor.screenshot('findings-1-problems')
  await editor.goTo('eval')
  await editor.openQuickFixes()
  await editor.screenshot('findings-2-fixes')
  await editor.chooseQuickFix('Fix: ')
  await editor.page.locator('.bulk-edit-panel').waitFor()
  await editor.screenshot('findings-3-preview')
  await editor.page.locator('.bulk-edit-panel .monaco-list-row .monaco-checkbox, .bulk-edit-panel input[type=checkbox]').first().click()
  await editor.page.locator('.bulk-edit-panel .monaco-button', { hasText: 'Apply' }).click()
  await editor.line('literal_eval').waitFor()
  step('applied')
  await editor.screenshot('findings-4-applied')
}
