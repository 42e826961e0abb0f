// Collect every text that goes through l10n.t into l10n/bundle.l10n.json: what a translation translates.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import ts from 'typescript'

const texts = new Set()
for (const file of readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts'))) {
  collect(ts.createSourceFile(file, readFileSync(`src/${file}`, 'utf8'), ts.ScriptTarget.Latest))
}
mkdirSync('l10n', { recursive: true })
const bundle = Object.fromEntries([...texts].sort().map((text) => [text, text]))
writeFileSync('l10n/bundle.l10n.json', `${JSON.stringify(bundle, null, 2)}\n`)

function collect(node) {
  if (ts.isCallExpression(node) && /(^|\.)l10n\.t$/.test(nameOf(node.expression))) {
    const [text] = node.arguments
    // A text put together at run time could be translated by nobody.
    if (text === undefined || !ts.isStringLiteral(text)) throw new Error(`l10n.t without a literal text: ${node.pos}`)
    texts.add(text.text)
  }
  ts.forEachChild(node, collect)
}

function nameOf(expression) {
  if (ts.isIdentifier(expression)) return expression.text
  return ts.isPropertyAccessExpression(expression) ? `${nameOf(expression.expression)}.${expression.name.text}` : ''
}
