/** What is shown of a review thread. Pure. */

import { l10n } from 'vscode'

import type { PullRequestThread } from '../protocol'

/** What the menus ask for: `thread open suggestion finding`. */
export function contextOf({ is_resolved, is_exact, has_suggestion, fingerprint }: PullRequestThread): string {
  const words = ['thread', is_resolved ? 'resolved' : 'open']
  if (has_suggestion && is_exact && !is_resolved) words.push('suggestion')
  if (fingerprint !== null && !is_resolved) words.push('finding')
  return words.join(' ')
}

/** Above the thread: what a person must know of its place. */
export function labelOf({ is_resolved, is_outdated, is_exact, start_line }: PullRequestThread): string {
  if (is_resolved) return l10n.t('Resolved')
  if (start_line === null) return l10n.t('About the whole file')
  return is_outdated || !is_exact ? l10n.t('The lines were changed since') : l10n.t('Pull request')
}

/** The first words of the thread, in one line and without marks of Markdown. */
export function titleOf({ comments }: PullRequestThread): string {
  const lines = (comments[0]?.body ?? '').split('\n').map(withoutMarks)
  return lines.find((line) => line !== '') ?? l10n.t('A thread without words')
}

function withoutMarks(line: string): string {
  return line.replace(/\\([!-/:-@[-`{-~])|[*_`#>]|<[^>]*>/g, '$1').trim()
}

/** Strangers' Markdown draws no pictures: a picture's address would tell its owner who looks. */
export function withoutPictures(markdown: string): string {
  return markdown.replace(/!\[/g, '!\\[').replace(/<(?=\/?\w)/g, '&lt;')
}
