/**
 * The page of the review panel. Runs in the webview: draws what the extension sends, says what a person pressed.
 *
 * All text is set as text: findings quote code of strangers.
 */

import type { Said, Shown } from '../panel/messages'
import type { Review, ReviewedFile, ReviewedFinding } from '../panel/review'

interface Kept {
  /** The last review, drawn at once when the page comes back. */
  review?: Review
  scrollY?: number
}

interface Editor {
  postMessage(message: Said): void
  getState(): Kept | undefined
  setState(state: Kept): void
}

declare function acquireVsCodeApi(): Editor

const editor = acquireVsCodeApi()
// These two stay: a screen reader says what changes in a status, not that one was replaced.
const heading = element('h1', { tabindex: '-1' })
const status = element('p', { role: 'status' })
const findings = element('div', {})
document.querySelector('main')?.append(heading, status, findings)

window.addEventListener('message', ({ data }: MessageEvent<Shown>) => {
  if (data.kind !== 'review') return
  editor.setState({ ...editor.getState(), review: data.review })
  draw(data.review)
})
window.addEventListener('scroll', () => editor.setState({ ...editor.getState(), scrollY: window.scrollY }))

const kept = editor.getState()
if (kept?.review !== undefined) {
  draw(kept.review)
  window.scrollTo(0, kept.scrollY ?? 0)
}
editor.postMessage({ kind: 'ready' })

function draw(review: Review): void {
  const focused = focusedPlace()
  heading.textContent = review.title
  if (status.textContent !== review.summary) status.textContent = review.summary
  findings.replaceChildren(
    ...review.unread.map((text) => element('p', { class: 'unread' }, text)),
    ...review.files.map(drawFile),
  )
  if (focused !== undefined) focusAgain(focused)
}

interface Place {
  button: string
  /** Of its finding, among all that are shown. */
  index: number
}

function focusedPlace(): Place | undefined {
  const button = document.activeElement
  const index = items().findIndex((item) => item.contains(button))
  return button === null || index < 0 ? undefined : { button: button.id, index }
}

/** The same button; where it went with what was done, the finding that took the place: nobody begins at the top again. */
function focusAgain({ button, index }: Place): void {
  const shown = items()
  const nearest = shown[Math.min(index, shown.length - 1)]?.querySelector('button')
  const focus = document.getElementById(button) ?? nearest ?? heading
  focus.focus()
}

function items(): HTMLElement[] {
  return [...findings.querySelectorAll('li')]
}

function drawFile({ name, findings }: ReviewedFile, index: number): HTMLElement {
  const heading = element('h2', { id: `file-${index}` }, name)
  const list = element('ul', { role: 'list' })
  list.append(...findings.map(drawFinding))
  const section = element('section', { 'aria-labelledby': heading.id })
  section.append(heading, list)
  return section
}

function drawFinding(finding: ReviewedFinding): HTMLElement {
  const title = element('h3', { id: `title-${finding.fingerprint}` }, finding.message)
  const item = element('li', { class: finding.isDismissed ? 'dismissed' : finding.severity })
  const buttons = element('div', { role: 'group', 'aria-labelledby': title.id })
  buttons.append(...finding.actions.map(({ action, label }) => drawButton(finding, action, label)))
  item.append(title, element('p', { class: 'place' }, finding.place), element('p', {}, finding.why), buttons)
  return item
}

function drawButton(
  { uri, fingerprint }: ReviewedFinding,
  action: ReviewedFinding['actions'][0]['action'],
  label: string,
) {
  const id = `${action}-${fingerprint}`
  const button = element('button', { id, type: 'button', 'aria-describedby': `title-${fingerprint}` }, label)
  button.addEventListener('click', () => editor.postMessage({ kind: 'act', action, uri, fingerprint }))
  return button
}

function element(name: string, attributes: Record<string, string>, text = ''): HTMLElement {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.textContent = text
  return made
}
