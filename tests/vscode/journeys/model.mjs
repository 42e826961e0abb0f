// Where the hub has a model: what comes next is drawn where somebody types; lines are rewritten as a person asks.

export default async function model(editor, step, { token }) {
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.setToken(token)
  await editor.seesStatus('No findings in this file.')
  await editor.typeAtEnd('\n\ndef total(prices):\n    return ')
  await editor.seesSuggestion('sum(prices)')
  await editor.screenshot('model-1-suggested')
  step('what comes next is suggested at a pause')

  await editor.page.keyboard.press('Tab')
  await editor.line('return sum(prices)').waitFor()
  step('and is taken by a key')

  await editor.goTo('def total')
  await editor.page.keyboard.press('Home')
  await editor.page.keyboard.press('Shift+End')
  const input = editor.page.locator('.quick-input-widget input').first()
  await editor.chooseQuickFixUntil('Rewrite with Agent Hive', input)
  await input.fill('def sum_of(prices):')
  await editor.screenshot('model-2-instruction')
  await input.press('Enter')
  await editor.refactorPreview.waitFor()
  await editor.screenshot('model-3-preview')
  step('what selected lines are to become is asked for, and the edit is shown before it is made')

  await editor.applyRefactorPreview()
  await editor.line('def sum_of(prices)').waitFor()
  await editor.focusText()
  await editor.page.keyboard.press('Control+z')
  await editor.line('def total(prices)').waitFor()
  step('it is made, and taken back in one step')

  await editor.run('File: Save') // a question about it would lie over what comes next
  await editor.openNotebook('book.ipynb')
  await editor.typeInLastCell('total = ')
  await editor.seesSuggestion('sum(prices)')
  await editor.seesStatus('No findings in this file.')
  await editor.screenshot('model-4-notebook')
  step('in the cell of a notebook, too')
}
