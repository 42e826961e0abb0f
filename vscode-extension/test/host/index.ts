/**
 * Tests that run inside VS Code's extension host, with the real API and a real hub.
 *
 * `run` is what VS Code calls. The outcome goes as JSON to the file that HIVE_HOST_RESULTS names: VS Code in a browser
 * has no exit code to give.
 */

import { writeFileSync } from 'node:fs'

import { SCENES } from './scenes'

export interface Outcome {
  name: string
  seconds: number
  error: string | null
}

export async function run(): Promise<void> {
  const outcomes: Outcome[] = []
  for (const [name, scene] of Object.entries(SCENES)) {
    const begun = performance.now()
    const error = await scene().then(
      () => null,
      (reason: unknown) => (reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)),
    )
    outcomes.push({ name, seconds: (performance.now() - begun) / 1000, error })
  }
  const file = process.env.HIVE_HOST_RESULTS
  if (file !== undefined) writeFileSync(file, JSON.stringify(outcomes))
}
