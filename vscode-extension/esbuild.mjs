// Bundle the extension into out/extension.js with the licences of what is in it, and the tests into out/test/.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const common = { bundle: true, platform: 'node', format: 'cjs', target: 'es2022', logLevel: 'warning' }

rmSync('out', { recursive: true, force: true })
const { metafile } = await build({
  ...common,
  entryPoints: ['src/extension.ts'],
  outfile: 'out/extension.js',
  external: ['vscode', 'bufferutil', 'utf-8-validate'], // the last two: optional native parts of ws
  minify: true,
  keepNames: true, // stack traces in the log stay readable
  metafile: true,
})
await build({
  ...common,
  platform: 'browser',
  format: 'iife',
  entryPoints: ['src/webview/panel.ts'],
  outfile: 'out/panel.js',
  minify: true,
})
writeFileSync('out/THIRD_PARTY_NOTICES.txt', noticesFor(Object.keys(metafile.inputs)))

const unitTests = readdirSync('test/unit').map((name) => `test/unit/${name}`)
// Of VS Code the unit tests need only its way to word things.
const alias = { vscode: './test/vscode.ts' }
await build({ ...common, entryPoints: unitTests, outdir: 'out/test/unit', alias })
await build({ ...common, entryPoints: ['test/host/index.ts'], outfile: 'out/test/host/index.js', external: ['vscode'] })

function noticesFor(inputs) {
  const folders = inputs.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0])
  return [...new Set(folders.filter(Boolean))].sort().map(noticeOf).join('\n')
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${name} is bundled without its licence`)
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`
}
