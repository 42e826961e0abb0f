/** What the extension does to VS Code, seen through its API. In order: each scene begins where the last one ended. */

import * as assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import * as vscode from 'vscode'

const EXTENSION = 'agent-hive.agent-hive'
const PATIENCE_MILLISECONDS = 30_000

const BAD = '\n\ndef is_five(value):\n    return value is 5\n'

export const SCENES: Record<string, () => Promise<void>> = {
  'it sleeps until a file that it reviews is opened': async () => {
    assert.equal(extension().isActive, false)

    await vscode.window.showTextDocument(await openShop())

    await until('the extension is active', () => extension().isActive)
  },

  'every command of the palette exists': async () => {
    const existing = await vscode.commands.getCommands(true)

    const promised: { command: string }[] = extension().packageJSON.contributes.commands

    assert.deepEqual(
      promised.filter(({ command }) => !existing.includes(command)),
      [],
    )
  },

  'a workspace cannot choose the command that is run': async () => {
    const { workspaceValue, workspaceFolderValue } = vscode.workspace.getConfiguration('hive').inspect('path') ?? {}

    assert.equal(workspaceValue ?? workspaceFolderValue, undefined)
    assert.notEqual(vscode.workspace.getConfiguration('hive').get('path'), '/tmp/evil')
  },

  'what is typed is reviewed, and the finding says which rule and why': async () => {
    await type(BAD)

    const [finding] = await findings(1)

    assert.equal(finding?.source, 'hive')
    assert.match(codeOf(finding), /^[a-z]+\.\S+$/)
    assert.equal(finding?.range.start.line, lineOf('value is 5'))
  },

  'dismissing a finding takes it away, and reopening brings it back': async () => {
    const dismiss = await action(/^Dismiss/)
    assert.ok(dismiss.command)
    const target = dismiss.command.arguments ?? []

    await vscode.commands.executeCommand(dismiss.command.command, ...target)
    await findings(0)
    await vscode.commands.executeCommand('hive.reopen', ...target)

    await findings(1)
  },

  'a fix is one edit, and undo takes it back': async () => {
    const fix = await action(/^(?!Dismiss|Reopen)/)
    assert.ok(fix.edit)
    const before = shop().getText()

    await vscode.workspace.applyEdit(fix.edit)
    await findings(0)
    assert.notEqual(shop().getText(), before)
    await vscode.commands.executeCommand('undo')

    assert.equal(shop().getText(), before)
    await findings(1)
  },

  'who calls a function is told above it, and a click shows the places': async () => {
    const uses = await openBeside('uses.py', 'from shop import price\n\nprice(1.0)\nprice(2.0)\n')

    const lens = await lensOf('2 callers')
    assert.ok(lens.command)
    const told = await vscode.commands.executeCommand<{ locations: { uri: string }[] }>(
      lens.command.command,
      ...(lens.command.arguments ?? []),
    )

    assert.equal(lens.range.start.line, lineOf('def price'))
    assert.deepEqual(
      told.locations.map(({ uri }) => vscode.Uri.parse(uri).path),
      [uses.uri.path, uses.uri.path],
    )
    await vscode.window.showTextDocument(shop())
  },

  'a restart clears what was shown, and it comes back': async () => {
    const seen: number[] = []
    const watch = vscode.languages.onDidChangeDiagnostics(() => seen.push(ours().length))

    await vscode.commands.executeCommand('hive.restart')
    await findings(1)

    watch.dispose()
    assert.ok(seen.includes(0), `seen: ${seen.join()}`)
  },

  'nothing is shown while it is stopped': async () => {
    await vscode.commands.executeCommand('hive.stop')

    await findings(0)
    await vscode.commands.executeCommand('hive.restart')
    await findings(1)
  },

  'a finding in a cell of a notebook is explained there, and its fix edits that cell': async () => {
    const cell = await openCell(['import os\n', 'value = 5\n', BAD.trim()])
    await until('a finding in the last cell', () => ours(cell).length === 1)
    const [finding] = ours(cell)
    assert.ok(finding)

    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      cell.uri,
      finding.range.start,
    )
    const fix = await action(/^(?!Dismiss|Reopen)/, cell)
    assert.ok(fix.edit)
    await vscode.workspace.applyEdit(fix.edit)

    assert.ok(hovers.length > 0)
    assert.match(cell.getText(), /value == 5/)
    await until('no finding in the last cell', () => ours(cell).length === 0)
  },

  'what a review found in a folder goes when the folder is deleted, whoever does it': async () => {
    const root = vscode.workspace.workspaceFolders?.[0]?.uri
    assert.ok(root)
    const [folder, file] = ['old', 'old/deep/five.py'].map((path) => vscode.Uri.joinPath(root, path))
    assert.ok(folder && file)
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(BAD))
    const found = () => vscode.languages.getDiagnostics(file).length

    void vscode.commands.executeCommand('hive.review.workspace') // ends when its message is closed
    await until('what is in the folder', () => found() === 1)
    await rm(folder.fsPath, { recursive: true })

    await until('nothing of what was in it', () => found() === 0)
  },

  'the debug information names versions and the hub, and holds no code': async () => {
    await vscode.commands.executeCommand('hive.printDebugInformation')

    const page = vscode.window.activeTextEditor?.document.getText() ?? ''

    assert.match(page, /# Hive debug information/)
    assert.match(page, /- hub: the hub of this machine/)
    assert.match(page, /- state: running/)
    assert.doesNotMatch(page, /is_five/)
  },
}

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(EXTENSION)
  assert.ok(found, `${EXTENSION} is not installed`)
  return found
}

async function openShop(): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0]
  assert.ok(folder)
  return vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, 'shop.py'))
}

/** Another file of the folder, that is not open in an editor. */
async function openBeside(name: string, text: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0]
  assert.ok(folder)
  const uri = vscode.Uri.joinPath(folder.uri, name)
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text))
  return vscode.workspace.openTextDocument(uri)
}

/** The code lens of that title, once it is there. */
async function lensOf(title: string): Promise<vscode.CodeLens> {
  let found: vscode.CodeLens | undefined
  const deadline = Date.now() + PATIENCE_MILLISECONDS
  while (found === undefined) {
    if (Date.now() > deadline) throw new Error(`did not come: the lens "${title}"`)
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      shop().uri,
      50,
    )
    found = lenses.find(({ command }) => command?.title === title)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return found
}

function shop(): vscode.TextDocument {
  const found = vscode.workspace.textDocuments.find((document) => document.uri.path.endsWith('/shop.py'))
  assert.ok(found)
  return found
}

async function type(text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit()
  edit.insert(shop().uri, shop().positionAt(shop().getText().length), text)
  await vscode.workspace.applyEdit(edit)
}

function lineOf(text: string): number {
  return shop().positionAt(shop().getText().indexOf(text)).line
}

/** The document of the last cell of a new notebook in the folder. */
async function openCell(cells: string[]): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0]
  assert.ok(folder)
  const uri = vscode.Uri.joinPath(folder.uri, 'shop.ipynb')
  const code = cells.map((source) => ({ cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null }))
  const language_info = { name: 'python' }
  const content = JSON.stringify({ cells: code, metadata: { language_info }, nbformat: 4, nbformat_minor: 2 })
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content))
  const notebook = await vscode.workspace.openNotebookDocument(uri)
  await vscode.window.showNotebookDocument(notebook)
  return notebook.cellAt(cells.length - 1).document
}

function ours(document = shop()): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'hive')
}

async function findings(count: number): Promise<vscode.Diagnostic[]> {
  await until(`${count} findings`, () => ours().length === count)
  return ours()
}

function codeOf(diagnostic: vscode.Diagnostic | undefined): string {
  const code = diagnostic?.code
  return String(typeof code === 'object' ? code.value : code)
}

/** The quick fix at the finding whose title matches. */
async function action(title: RegExp, document = shop()): Promise<vscode.CodeAction> {
  const range = ours(document)[0]?.range
  assert.ok(range)
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
    10, // how many are resolved, so that their edits are there
  )
  const found = actions.find((candidate) => title.test(candidate.title))
  assert.ok(found, `offered: ${actions.map((candidate) => candidate.title).join(', ')}`)
  return found
}

/** By looking often: VS Code has no event for half of what is waited for. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`did not come: ${what}; there are ${ours().length} findings`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
