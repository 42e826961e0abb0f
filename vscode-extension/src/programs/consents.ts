/** What the person answered programs, to be taken back: they tick which answers. */

import * as vscode from 'vscode'

import { type ConsentTold, HubCommand } from '../protocol'
import type { Session } from '../session'
import { decisionOf } from './consentWords'

interface Choice extends vscode.QuickPickItem {
  id: string
}

export async function revokeConsents(session: Session): Promise<void> {
  if (session.running === undefined) {
    await vscode.window.showWarningMessage(vscode.l10n.t('Hive is not connected.'))
    return
  }
  const consents = await vscode.commands.executeCommand<ConsentTold[]>(HubCommand.consents)
  if (consents.length === 0) {
    await vscode.window.showInformationMessage(
      vscode.l10n.t('You have answered no program: there is nothing to revoke.'),
    )
    return
  }
  const chosen = await vscode.window.showQuickPick(consents.map(choiceOf), {
    canPickMany: true,
    matchOnDescription: true,
    title: vscode.l10n.t('Revoke What Programs May Do'),
    placeHolder: vscode.l10n.t('Answers to take back; the programs will ask again'),
  })
  if (chosen === undefined || chosen.length === 0) return
  const ids = chosen.map(({ id }) => id)
  const revoked: unknown = await vscode.commands.executeCommand(HubCommand.revokeConsents, ...ids)
  await vscode.window.showInformationMessage(
    vscode.l10n.t('Answers taken back: {0}. Programs will ask again.', Number(revoked)),
  )
}

function choiceOf(consent: ConsentTold): Choice {
  const day = new Date(consent.decided_at).toLocaleDateString(vscode.env.language, { dateStyle: 'medium' })
  return { id: consent.id, label: consent.asker, description: `${decisionOf(consent)} · ${day}` }
}
