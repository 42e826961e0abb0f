// node journey.mjs NAME...: run each journeys/NAME.mjs, in order and in one window, against the editor that the environment variable JOURNEY describes as JSON:
// url, profile, screenshots (folders), and whatever the journey itself needs. Prints each step with its time.

import { openEditor } from './editor.mjs'

const names = process.argv.slice(2)
const given = JSON.parse(process.env.JOURNEY)

const begun = Date.now()
let last = 'the editor opens'
const step = (text) => {
  last = text
  process.stdout.write(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${text}\n`)
}

const editor = await openEditor(given.url, given.profile, given.screenshots)
try {
  for (const name of names) {
    const { default: journey } = await import(`./journeys/${name}.mjs`)
    await journey(editor, step, given)
  }
  if (editor.foreignHosts.size > 0) throw new Error(`asked other machines: ${[...editor.foreignHosts].join(', ')}`)
} catch (error) {
  process.stdout.write(`FAILED after: ${last}\n${error.stack}\n`)
  await editor.screenshot(`${names[0]}-failed`)
  process.exitCode = 1
} finally {
  await editor.close()
}
