/** What people call the hub's work, by the kind of the job (`hive jobs` shows those). */

import { l10n } from 'vscode'

const NAMES: Record<string, string> = {
  ask: l10n.t('Question'),
  backport: l10n.t('Backport'),
  'comment.answer': l10n.t('Answer to a comment'),
  'comment.command': l10n.t('Command in a comment'),
  'comment.fix': l10n.t('Fix on a pull request'),
  'comment.mend': l10n.t('Fix on a pull request'),
  'comment.reply': l10n.t('Reply to a comment'),
  'deliveries.reconcile': l10n.t('Missing deliveries of GitHub'),
  'dependencies.look': l10n.t('Dependencies of a pull request'),
  describe: l10n.t('Description of a pull request'),
  explain: l10n.t('Explanation'),
  'feedback.read': l10n.t('Feedback on comments'),
  fix: l10n.t('Fix'),
  'issue.triage': l10n.t('Triage of an issue'),
  'memory.index': l10n.t('Indexing for memory'),
  'memory.push': l10n.t('Memory of a push'),
  'merge.look': l10n.t('Merge when ready'),
  'merge.look_commit': l10n.t('Merge when ready'),
  'pull_request.act': l10n.t('Act in a thread'),
  'pull_request.read': l10n.t('Threads of a pull request'),
  review: l10n.t('Review'),
  'review.pull_request': l10n.t('Review of a pull request'),
  'review.think': l10n.t('Thorough review'),
  'review.thorough': l10n.t('Thorough review'),
  'reviewers.request': l10n.t('Reviewers of a pull request'),
  rewrite: l10n.t('Rewriting'),
  'stale.sweep': l10n.t('Stale issues and pull requests'),
}

/** The kind as it is where nobody gave it a name. */
export function jobName(kind: string): string {
  return NAMES[kind] ?? kind
}
