// Only opens the window in which the tests of the extension host run, and waits for their results.

import { existsSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

export default async function host(_editor, step, { results }) {
  await appeared(results)
  step('the tests in the extension host have run')
}

function appeared(file) {
  return new Promise((resolve) => {
    const look = () => {
      if (!existsSync(file)) return
      watcher.close()
      resolve()
    }
    const watcher = watch(dirname(file), (_event, name) => name === basename(file) && look())
    look()
  })
}
