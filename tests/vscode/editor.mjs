// VS Code as a person uses it: what can be seen and pressed, by its words. Waits for what is awaited, never for time.

import { chromium } from 'playwright-core'

const SECONDS = 1000
const PATIENCE = 60 * SECONDS // a slow machine shares its cores with a hub, an editor and a browser

const CHROMIUM = '/usr/bin/chromium'
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** Open *url* in a fresh browser profile; *screenshots* is a folder. */
export async function openEditor(url, profile, screenshots) {
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: { width: 1360, height: 860 },
    reducedMotion: 'reduce', // no screenshot catches a notification half way
    args: QUIET,
  })
  browser.setDefaultTimeout(PATIENCE)
  const page = browser.pages()[0] ?? (await browser.newPage())
  page.on('dialog', (dialog) => dialog.accept()) // "leave the page?": what is not saved is kept by the editor
  const editor = new Editor(browser, page, screenshots)
  await page.goto(url, { waitUntil: 'domcontentloaded' })
  return editor
}

export class Editor {
  /** Hosts other than this machine that the page asked for: there must be none. */
  foreignHosts = new Set()

  constructor(browser, page, screenshots) {
    this.browser = browser
    this.page = page
    this.screenshots = screenshots
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url())
      if (/^(http|ws)s?:$/.test(protocol) && hostname !== '127.0.0.1') this.foreignHosts.add(hostname)
    })
  }

  close() {
    return this.browser.close()
  }

  screenshot(name) {
    return this.page.screenshot({ path: `${this.screenshots}/${name}.png` })
  }

  async ready() {
    await this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .first()
      .waitFor({ timeout: 60 * SECONDS })
  }

  async openFile(name) {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick()
    await this.page.locator('.tab.active', { hasText: name }).waitFor()
    await this.page.locator('.monaco-editor .view-line').first().waitFor()
  }

  async openNotebook(name) {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick()
    await this.page.locator('.notebookOverlay .monaco-editor .view-line').first().waitFor()
  }

  async typeInLastCell(text) {
    await this.page.locator('.notebookOverlay .monaco-editor .view-lines').last().click()
    await this.page.keyboard.press('Control+End')
    await this.page.keyboard.type(text)
  }

  /** One of a list that a command shows. */
  choice(text) {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first()
  }

  /** Run a command of the palette, by its whole title. */
  async run(title) {
    await this.page.keyboard.press('F1')
    const input = this.page.locator('.quick-input-widget input').first()
    await input.fill(`>${title}`)
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first()
    await row.click()
    await row.waitFor({ state: 'hidden' })
  }

  /** Type after the last character of the active file. */
  async typeAtEnd(text) {
    await this.focusText()
    await this.page.keyboard.press('Control+End')
    await this.page.keyboard.type(text)
  }

  /** The cursor at the first place of *text* in the active file. */
  async goTo(text) {
    const find = this.page.locator('.find-widget.visible textarea').first()
    for (let tries = 10; !(await find.isVisible()); tries--) {
      if (tries === 0) throw new Error('the find widget does not open')
      // A view that was asked for may take the focus a moment later.
      await this.focusText()
      await this.page.keyboard.press('Control+Home')
      await this.page.keyboard.press('Control+f')
      await find.waitFor({ timeout: 2 * SECONDS }).catch(() => {})
    }
    await find.fill(text)
    await this.page.locator('.find-widget .matchesCount', { hasText: /^1 of/ }).waitFor()
    await this.page.keyboard.press('Escape')
  }

  async focusText() {
    await this.page.locator('.editor-instance .monaco-editor .view-lines').first().click()
  }

  /** *kind*: error, warning or info. */
  squiggles(kind) {
    return this.page.locator(`.monaco-editor .squiggly-${kind}`)
  }

  line(text) {
    return this.page.locator('.monaco-editor .view-line', { hasText: text })
  }

  /** As ghost text. VS Code may miss it once, when something else was drawn at that moment. */
  async seesSuggestion(text) {
    const ghost = this.page.locator('[class*=ghost-text]')
    const line = this.page.locator('.monaco-editor .view-line', { has: ghost, hasText: text })
    for (let tries = 5; tries > 0; tries--) {
      const came = await line
        .first()
        .waitFor({ timeout: 5 * SECONDS })
        .then(
          () => true,
          () => false,
        )
      if (came) return
      await this.run('Trigger Inline Suggestion')
    }
    throw new Error(`"${text}" is not suggested`)
  }

  async showProblems() {
    await this.run('View: Focus Problems')
    await this.page.locator('.markers-panel').waitFor()
  }

  problem(text) {
    return this.page.locator('.markers-panel .monaco-list-row', { hasText: text })
  }

  /** The light bulb's menu at the cursor. */
  async openQuickFixes() {
    await this.page.keyboard.press('Control+.')
    await this.page.locator('.action-widget .monaco-list-row.action').first().waitFor()
  }

  /** By keyboard: the menu lies under a layer that takes the mouse. */
  async chooseQuickFix(text) {
    const rows = this.page.locator('.action-widget .monaco-list-row.action')
    const wanted = rows.filter({ hasText: text }).first()
    await wanted.waitFor()
    for (let tries = await rows.count(); !(await wanted.getAttribute('class')).includes('focused'); tries--) {
      if (tries === 0) throw new Error(`no way to the quick fix "${text}"`)
      await this.page.keyboard.press('ArrowDown')
    }
    await this.page.keyboard.press('Enter')
    await wanted.waitFor({ state: 'hidden' })
  }

  /** Until *seen* comes in time: on a busy machine the menu may go before it takes the key. */
  async chooseQuickFixUntil(text, seen) {
    for (let tries = 3; tries > 0; tries--) {
      await this.openQuickFixes()
      await this.chooseQuickFix(text)
      const came = await seen.waitFor({ timeout: 20 * SECONDS }).then(
        () => true,
        () => false,
      )
      if (came) return
    }
    throw new Error(`the quick fix "${text}" does nothing`)
  }

  /** In a folder that was opened without: by the page that VS Code has for it. */
  async trust() {
    await this.run('Workspaces: Manage Workspace Trust')
    await this.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click()
    await this.page.getByText('You trust this').first().waitFor()
    await this.run('View: Close Editor')
  }

  /** A question that must be answered. */
  dialog(text) {
    return this.page.locator('.monaco-dialog-box', { hasText: text }).first()
  }

  async answer(text, button) {
    const dialog = this.dialog(text)
    await dialog.getByRole('button', { name: button, exact: true }).click()
    await dialog.waitFor({ state: 'hidden' })
  }

  get refactorPreview() {
    return this.page.locator('.bulk-edit-panel')
  }

  /** Tick every change and apply them. */
  async applyRefactorPreview() {
    await this.refactorPreview.locator('.monaco-list-row input[type=checkbox]').first().click()
    await this.refactorPreview.getByRole('button', { name: 'Apply' }).click()
    await this.refactorPreview.waitFor({ state: 'hidden' })
  }

  get diff() {
    return this.page.locator('.monaco-diff-editor')
  }

  /** A diff that shows *text* as new. */
  async changedText(text) {
    await this.diff.locator('.modified-in-monaco-diff-editor, .editor.modified').getByText(text).first().waitFor()
    await this.diff.locator('.char-insert, .line-insert').first().waitFor()
  }

  get status() {
    return this.page.locator('[id="agent-hive.agent-hive.hive.status"]')
  }

  /** The status item says *text* to a screen reader. */
  async seesStatus(text) {
    await this.status.getByLabel(text).waitFor()
  }

  /** Where the hub does not know us: by the button of the message that says so. */
  async setToken(token) {
    await this.notification('The hub does not know the token of this editor')
      .getByRole('button', { name: 'Set Token' })
      .click()
    const input = this.page.locator('.quick-input-widget input[type=password]')
    await input.fill(token)
    await this.screenshot('remote-1-token')
    await input.press('Enter')
    await input.waitFor({ state: 'hidden' })
  }

  /** The log that the Output panel shows. */
  log(text) {
    return this.page.locator('.part.panel .view-lines', { hasText: text })
  }

  /** The views of the side bar. */
  get view() {
    return this.page.locator('.part.sidebar')
  }

  /** So that what stands in it can be read. */
  async widenSideBar(pixels) {
    const { x, y, width } = await this.view.boundingBox()
    await this.page.mouse.move(x + width, y + 200)
    await this.page.mouse.down()
    await this.page.mouse.move(x + width + pixels, y + 200, { steps: 4 })
    await this.page.mouse.up()
    await this.page.mouse.move(0, 0)
  }

  /** The row of a view beside the code. */
  row(text) {
    return this.view.locator('.monaco-list-row', { hasText: text }).first()
  }

  /**
   * By the menu of a row, until *seen* comes in time: VS Code forgets what a row was when its view is drawn anew while
   * the menu is open. With the keyboard, since a menu ignores a click that comes right after the one that opened it.
   */
  async chooseOfRow(text, action, seen) {
    for (let tries = 3; tries > 0; tries--) {
      await this.openRowMenu(text, action)
      const came = await seen({ timeout: 20 * SECONDS }).then(
        () => true,
        () => false,
      )
      if (came) return
    }
    throw new Error(`"${action}" of the row "${text}" does nothing`)
  }

  async openRowMenu(text, action) {
    const item = this.page.locator('.context-view .action-item', { hasText: action }).first()
    for (let tries = 3; tries > 0; tries--) {
      // A row that is drawn anew at this moment, as one with progress is, has no menu, or that of another.
      await this.row(text).click({ button: 'right' })
      const opened = await item.hover({ timeout: 10 * SECONDS }).then(
        () => true,
        () => false,
      )
      if (opened) break
      await this.page.keyboard.press('Escape')
    }
    await item.hover()
    await this.page.keyboard.press('Enter')
    await item.waitFor({ state: 'hidden' })
    await this.page.mouse.move(0, 0) // no tooltip lies over what comes next
  }

  /** Comments at a line. */
  thread(text) {
    return this.page.locator('.review-widget', { hasText: text }).first()
  }

  /** A button beside the tabs. */
  titleAction(text) {
    return this.page.locator('.editor-actions').getByRole('button', { name: text }).first()
  }

  get inWebview() {
    return this.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame')
  }

  /** By a command that shows a webview: the keyboard is in it. What was closed before may take the focus a moment later. */
  async runIntoWebview(title) {
    const isInside = () => document.activeElement?.matches('iframe.webview')
    for (let tries = 5; tries > 0; tries--) {
      await this.run(title)
      const came = await this.page.waitForFunction(isInside, undefined, { timeout: 5 * SECONDS }).then(
        () => true,
        () => false,
      )
      if (came) return
    }
    throw new Error(`"${title}" does not get the focus`)
  }

  /** What has the focus in a webview: its text. */
  focusInWebview() {
    return this.inWebview.locator(':focus').textContent()
  }

  /** With the Tab key alone, to the next button of that name; answers with the names on the way. */
  async tabInWebview(name) {
    const passed = []
    while (passed.at(-1) !== name) {
      if (passed.length > 20) throw new Error(`no way by Tab to "${name}": ${passed.join(', ')}`)
      await this.page.keyboard.press('Tab')
      passed.push(await this.focusInWebview())
    }
    return passed
  }

  /** *marker*: the class by which the workbench shows it. */
  async chooseTheme(name, marker) {
    await this.run('Preferences: Color Theme')
    const input = this.page.locator('.quick-input-widget input').first()
    await input.fill(name)
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor()
    await input.press('Enter')
    await this.page.locator(`.monaco-workbench.${marker}`).waitFor()
    await input.waitFor({ state: 'hidden' })
  }

  /** *text* in any webview. */
  async seesInWebview(text) {
    await this.inWebview.getByText(text).first().waitFor()
  }

  /** Beside the editor, in the same browser. */
  async openPage(url) {
    const page = await this.browser.newPage()
    await page.goto(url)
    return page
  }

  notification(text) {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first()
  }
}
