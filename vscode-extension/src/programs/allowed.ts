/**
 * What a program may edit or run in this editor at all, whatever the hub says. Pure.
 *
 * The hub has the same rules (`server/ide/allowed.py`). The editor keeps its own, for it trusts no hub.
 */

import * as path from 'node:path'

/** Folders whose files decide what other programs run. */
const GUARDED = new Set(['.git', '.vscode', '.hg', '.svn', '.idea', '.husky', '.devcontainer'])

/** And how the names of such files end. */
const GUARDED_END = '.code-workspace'

/** The last word of an entry after which any further arguments may come. */
const OPEN_ENDED = '*'

/** Word by word against entries such as `make test` or `pytest *`: nothing is a pattern, and no shell ever reads it. */
export function isAllowed(argv: readonly string[], entries: readonly string[]): boolean {
  return entries.some((entry) => fits(argv, entry.split(/\s+/).filter(Boolean)))
}

function fits(argv: readonly string[], words: string[]): boolean {
  if (words.length === 0 || words[0] === OPEN_ENDED) return false
  const isOpen = words.at(-1) === OPEN_ENDED
  const wanted = isOpen ? words.slice(0, -1) : words
  return (isOpen || argv.length === wanted.length) && wanted.every((word, place) => argv[place] === word)
}

/**
 * The real path of *file* when it lies in one of *folders*, with no symbolic link on its way below the folder.
 * undefined otherwise. *realpath* throws for what is not there.
 */
export function placeIn(
  file: string,
  folders: readonly string[],
  realpath: (name: string) => string,
): string | undefined {
  const real = tryReal(file, realpath)
  if (real === undefined) return undefined
  for (const folder of folders) {
    const below = path.relative(folder, file)
    const root = tryReal(folder, realpath)
    if (root === undefined || below.split(path.sep)[0] === '..' || path.isAbsolute(below)) continue
    if (below.toLowerCase().split(path.sep).some(isGuarded)) return undefined
    if (path.join(root, below) === real) return real
  }
  return undefined
}

function isGuarded(part: string): boolean {
  return GUARDED.has(part) || part.endsWith(GUARDED_END)
}

function tryReal(name: string, realpath: (name: string) => string): string | undefined {
  try {
    return realpath(name)
  } catch {
    return undefined
  }
}
