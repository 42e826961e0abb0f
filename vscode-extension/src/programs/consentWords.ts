/** What an answer to a program means. Pure. */

import { l10n } from 'vscode'

import type { ConsentTold } from '../protocol'

export function decisionOf({ kind, is_allowed: isAllowed }: ConsentTold): string {
  switch (kind) {
    case 'see':
      return isAllowed ? l10n.t('may see what is open') : l10n.t('may not see what is open')
    case 'edit':
      return isAllowed ? l10n.t('may edit') : l10n.t('may not edit')
    case 'run':
      return isAllowed ? l10n.t('may run commands') : l10n.t('may not run commands')
  }
}
