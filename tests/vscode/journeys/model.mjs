// Where the hub has a model: what comes next is drawn where somebody types, and taken with a key.

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
}
