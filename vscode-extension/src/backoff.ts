/** How long to wait before connecting again, and when to stop trying. Pure. */

const LONGEST_SECONDS = 30

/** A connection that held this long was a good one: what follows is a new trouble, not the old one again. */
export const STEADY_SECONDS = 60

/** A local hub that fails this often in a row will not come up by itself; a remote one may, after a night's sleep. */
export const LOCAL_LIMIT = 4

/**
 * Seconds until the next attempt after *failures* in a row (the first is 1): 1, 2, 4 ... 30, up to a fifth more by
 * *chance* in [0, 1) so that many editors do not knock in step.
 */
export function delaySeconds(failures: number, chance: number): number {
  const base = Math.min(2 ** (failures - 1), LONGEST_SECONDS)
  return base * (1 + chance / 5)
}
