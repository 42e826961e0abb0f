// The views beside the code: findings in groups, a fix seen before it is made and undone in one step, dismissed and
// reopened; a long job with its progress, stopped; who works.

import { readFileSync } from 'node:fs'

import { hubAt } from '../hub.mjs'

const BAD = `

def is_five(value):
    return value is 5


def total(text):
    return eval(text)
`

export default async function views(editor, step, { data_dir }) {
  await editor.ready()
  await editor.openFile('shop.py')
  await editor.seesStatus('No findings in this file')
  await editor.run('View: Show Agent Hive')
  await editor.widenSideBar(120)
  await editor.view.getByText('No findings in the files that are open').waitFor()
  await editor.screenshot('views-1-empty')
  step('an empty view says what to do')

  await editor.typeAtEnd(BAD)
  await editor.row('hive.code-from-text').waitFor()
  await editor.screenshot('views-2-findings')
  step('findings by file')

  await editor.run('Hive: Group Findings by Severity')
  await editor.row('Medium').waitFor()
  await editor.screenshot('views-3-by-severity')
  step('findings by severity')

  await editor.chooseOfRow('ruff.F632', 'Preview Fix', (options) => editor.diff.waitFor(options))
  await editor.changedText('value == 5')
  await editor.seesStatus('2 findings in this file') // which is still in sight
  await editor.screenshot('views-4-preview')
  step('a fix is seen beside the code before it is made')

  await editor.titleAction('Apply Fix').click()
  await editor.diff.waitFor({ state: 'hidden' })
  await editor.line('value == 5').waitFor()
  await editor.row('ruff.F632').waitFor({ state: 'hidden' })
  await editor.focusText()
  await editor.page.keyboard.press('Control+z')
  await editor.line('value is 5').waitFor()
  await editor.row('ruff.F632').waitFor()
  await editor.page.keyboard.press('Control+s') // what a reload of the window brings back
  step('applied, and undone in one step')

  const finding = editor.row('hive.code-from-text')
  await editor.chooseOfRow('hive.code-from-text', 'Dismiss', (options) => {
    return finding.waitFor({ ...options, state: 'hidden' })
  })
  await editor.run('Hive: Show Dismissed Findings')
  await editor.row('hive.code-from-text').waitFor()
  await editor.screenshot('views-5-dismissed')
  await editor.chooseOfRow('hive.code-from-text', 'Reopen', (options) => {
    return editor.status.getByLabel('2 findings in this file').waitFor(options)
  })
  step('dismissed, seen among the dismissed, and reopened')

  await editor.run('Notifications: Clear All Notifications')
  await editor.runIntoWebview('Hive: Show Review')
  await editor.seesInWebview('2 findings (2 medium)')
  await editor.screenshot('views-6-review')
  await speaks(editor, [
    'heading "Review" [level=1]',
    'status: 2 findings (2 medium). 1 file was read.',
    'region "shop.py"',
    'list:',
    'button "Preview Fix"',
  ])
  step('the review panel says to a screen reader what it shows')

  const passed = await editor.tabInWebview('Preview Fix')
  if (passed.join() !== 'Open,Preview Fix') throw new Error(`Tab leads to ${passed.join()}`)
  await editor.page.keyboard.press('Enter')
  await editor.diff.waitFor()
  await editor.titleAction('Leave It').click()
  await editor.diff.waitFor({ state: 'hidden' })
  await editor.runIntoWebview('Hive: Show Review')
  await editor.tabInWebview('Dismiss')
  await editor.page.keyboard.press('Enter')
  await editor.seesInWebview('1 finding (1 medium)')
  const next = await editor.focusInWebview()
  if (next !== 'Open') throw new Error(`after a finding is dismissed the focus is on "${next}"`)
  await editor.tabInWebview('Reopen')
  await editor.page.keyboard.press('Enter')
  await editor.seesInWebview('2 findings (2 medium)')
  step('it is used with Tab and Enter alone, and nobody loses the place')

  await editor.run('Notifications: Clear All Notifications')
  await editor.chooseTheme('Dark High Contrast', 'hc-black')
  await editor.screenshot('views-7-high-contrast')
  const line = editor.inWebview.locator('li').first()
  const border = await line.evaluate((item) => getComputedStyle(item).borderTopColor)
  await editor.chooseTheme('Light Modern', 'vs')
  if (border === 'rgba(0, 0, 0, 0)') throw new Error('in high contrast a finding has no border')
  step('and seen in high contrast')

  await editor.run('Developer: Reload Window')
  await editor.seesInWebview('2 findings (2 medium)')
  step('and is back after a reload')

  await editor.run('Hive: Review Workspace')
  await editor.notification('findings: 3').waitFor()
  await editor.row('old.py').waitFor()
  step('a review of the whole folder finds what is in files that are not open')

  await startLongJob(JSON.parse(readFileSync(`${data_dir}/run/hub.json`, 'utf8')))
  await editor.row('%').waitFor()
  await editor.screenshot('views-8-job')
  step('a long job shows how far it is')
  await editor.chooseOfRow('%', 'Stop Job', (options) => editor.row('cancelled').waitFor(options))
  await editor.screenshot('views-9-stopped')
  step('and is stopped')
  await editor.chooseOfRow('cancelled', 'Open Log', (options) => editor.line('# review').waitFor(options))
  await editor.screenshot('views-10-log')
  step('its log is a page of its own')
}

/** To a screen reader, in this order. */
async function speaks(editor, wanted) {
  const spoken = await editor.inWebview.locator('main').ariaSnapshot()
  let from = 0
  for (const text of wanted) {
    from = spoken.indexOf(text, from)
    if (from < 0) throw new Error(`not said, or not there: ${text}\n${spoken}`)
  }
}

/** More than a machine reviews in a breath. */
async function startLongJob({ http, token }) {
  const text = Array.from({ length: 200 }, (_, line) => `def f${line}(a, b):\n    return g${line}(a + b, ${line})\n`)
  const files = Array.from({ length: 600 }, (_, index) => ({
    path: `src/m${index}.py`,
    text: `# ${index}\n${text.join('\n')}`,
  }))
  await hubAt(http, token)('reviews', { project: 'github.com/acme/shop', files })
}
