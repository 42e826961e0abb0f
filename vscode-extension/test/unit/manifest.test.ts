import * as assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const manifest = readFileSync('package.json', 'utf8')
const texts: Record<string, string> = JSON.parse(readFileSync('package.nls.json', 'utf8'))

test('every text of package.json is in package.nls.json, and none is there for nothing', () => {
  const used = [...manifest.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key)

  assert.deepEqual([...new Set(used)].sort(), Object.keys(texts).sort())
})

test('no text that people read stands in package.json itself', () => {
  const { contributes } = JSON.parse(manifest)
  const shown = [
    ...contributes.commands.map(({ title }: { title: string }) => title),
    ...contributes.views.hive.map(({ name }: { name: string }) => name),
    ...contributes.viewsWelcome.map(({ contents }: { contents: string }) => contents),
    ...Object.values<{ markdownDescription: string }>(contributes.configuration.properties).map(
      ({ markdownDescription }) => markdownDescription,
    ),
  ]

  assert.deepEqual(
    shown.filter((text) => !/^%.+%$/.test(text)),
    [],
  )
})

test('a link in a text leads to a command that there is', () => {
  const commands = [...manifest.matchAll(/"command": "(hive\.[^"]+)"/g)].map(([, name]) => name)
  const linked = [
    ...Object.values(texts)
      .join('\n')
      .matchAll(/\(command:(hive\.[\w.]+)/g),
  ].map(([, name]) => name)

  assert.deepEqual(
    linked.filter((name) => !commands.includes(name)),
    [],
  )
})

test('every language whose code is followed starts it', () => {
  const { activationEvents } = JSON.parse(manifest)
  const languages = ['python', 'javascript', 'typescript', 'go', 'java', 'php', 'ruby']

  assert.deepEqual(
    languages.filter((language) => !activationEvents.includes(`onLanguage:${language}`)),
    [],
  )
})
