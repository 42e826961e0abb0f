/** What a text is after edits. Pure; positions are LSP's, in UTF-16 as VS Code counts. */

import type { TextEdit } from 'vscode-languageclient/node'

/** *edits* do not overlap (LSP, TextEdit[]). */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const starts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)]
  const offset = ({ line, character }: { line: number; character: number }) => (starts[line] ?? text.length) + character
  return [...edits]
    .sort((one, other) => offset(other.range.start) - offset(one.range.start))
    .reduce((after, { range, newText }) => {
      return after.slice(0, offset(range.start)) + newText + after.slice(offset(range.end))
    }, text)
}
