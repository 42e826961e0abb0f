/** How a program's wish to edit is told. Pure. */

import { l10n } from 'vscode'

import type { EditAsked } from '../protocol'

/** *name*: the file's, for people. */
export function questionOf({ asker, label }: EditAsked, name: string): string {
  return withoutLinks(
    label === ''
      ? l10n.t('The program “{0}” wants to edit {1}.', asker, name)
      : l10n.t('The program “{0}” wants to edit {1}: {2}', asker, name, label),
  )
}

/** In a message VS Code makes links, of commands too, of `[text](target)`: a program's words are to be none. */
function withoutLinks(message: string): string {
  return message.replaceAll('](', '] (')
}
