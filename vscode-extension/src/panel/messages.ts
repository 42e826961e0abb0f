/** What the review panel and the extension say to each other. The panel's messages are checked as a stranger's. */

import type { Action, Review } from './review'

/** To the panel, whenever something changed. */
export interface Shown {
  kind: 'review'
  review: Review
}

/** From the panel. */
export type Said = { kind: 'ready' } | { kind: 'act'; action: Action; uri: string; fingerprint: string }

const ACTIONS: readonly string[] = ['open', 'fix', 'explain', 'dismiss', 'reopen'] satisfies Action[]

/** undefined: not one of ours. */
export function readSaid(message: unknown): Said | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  const { kind, action, uri, fingerprint } = message as Record<string, unknown>
  if (kind === 'ready') return { kind }
  const isAct = kind === 'act' && typeof uri === 'string' && typeof fingerprint === 'string'
  if (!isAct || typeof action !== 'string' || !ACTIONS.includes(action)) return undefined
  return { kind: 'act', action: action as Action, uri, fingerprint }
}
