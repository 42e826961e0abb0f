// Findings appear while typing; one fix is applied at once, one after a preview; one finding is dismissed and taken back.

const TYPED = `
import yaml


def load(text):
    settings = yaml.load(text)
    return settings is 5


def total(text):
    return eval(text)
`

export default async function findings(editor, step) {
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.seesStatus('No findings in this file')
  await editor.screenshot('findings-1-clean')
  step('connected to a hub that was started for it; a clean file is called clean')

  await editor.typeAtEnd(TYPED)
  await editor.squiggles('warning').first().waitFor()
  step('a squiggle while typing')
  await editor.showProblems()
  await editor.problem('hive.code-from-text').waitFor()
  await editor.seesStatus('3 findings in this file')
  await editor.screenshot('findings-2-problems')
  step('rows in Problems and a count in the status item')

  await editor.goTo('settings is')
  await editor.openQuickFixes()
  await editor.screenshot('findings-3-quick-fixes')
  await editor.chooseQuickFix('Replace')
  await editor.line('settings == 5').waitFor()
  await editor.seesStatus('2 findings in this file')
  step('a fix that keeps the meaning is applied at once')

  await editor.goTo('yaml.load')
  await editor.run('Show or Focus Hover')
  await editor.page.locator('.monaco-hover', { hasText: 'CWE-502' }).first().waitFor()
  await editor.screenshot('findings-4-hover')
  await editor.page.keyboard.press('Escape')
  step('a hover says why it is one')
  await editor.openQuickFixes()
  await editor.chooseQuickFix('Use the safe loader')
  await editor.refactorPreview.waitFor()
  await editor.screenshot('findings-5-preview')
  await editor.applyRefactorPreview()
  await editor.line('yaml.safe_load').waitFor()
  await editor.seesStatus('1 finding in this file')
  await editor.focusText()
  await editor.page.keyboard.press('Control+z')
  await editor.seesStatus('2 findings in this file')
  await editor.page.keyboard.press('Control+Shift+z')
  await editor.line('yaml.safe_load').waitFor()
  await editor.seesStatus('1 finding in this file')
  step('a fix that may change the meaning is applied after a preview, and is one step to undo')

  await editor.goTo('eval')
  await editor.openQuickFixes()
  await editor.chooseQuickFix('Dismiss')
  const dismissed = editor.notification('Dismissed, here and wherever else it is met')
  await dismissed.waitFor()
  await editor.seesStatus('No findings in this file')
  await editor.problem('hive.code-from-text').waitFor({ state: 'hidden' })
  await editor.screenshot('findings-6-dismissed')
  step('a dismissed finding is gone')

  await dismissed.getByRole('button', { name: 'Undo' }).click()
  await editor.seesStatus('1 finding in this file')
  step('and comes back when that is undone')

  await editor.run('Hive: Show Client Log')
  await editor.log('Connected.').waitFor()
  await editor.screenshot('findings-7-log')
  step('the log says what was done')
}
