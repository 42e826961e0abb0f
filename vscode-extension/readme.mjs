// README.md as it is packaged, with its pictures in it: nobody knows yet from which address they could be shown.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const text = readFileSync('README.md', 'utf8')
const packaged = text.replace(/\]\((media\/[^)]+\.png)\)/g, (_, file) => `](data:image/png;base64,${base64(file)})`)
mkdirSync('out', { recursive: true })
writeFileSync('out/README.md', packaged)

function base64(file) {
  return readFileSync(file).toString('base64')
}
