/** The token for a hub elsewhere, in the editor's own secret storage; one for each address. Never logged. */

import * as vscode from 'vscode'

import { type HubAddress, nameAddress } from './address'

export async function readToken(secrets: vscode.SecretStorage, address: HubAddress): Promise<string> {
  return (await secrets.get(keyOf(address))) ?? ''
}

/** Ask for the token; an empty one forgets it. True when something changed. */
export async function askForToken(secrets: vscode.SecretStorage, address: HubAddress): Promise<boolean> {
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Token for {0}', nameAddress(address)),
    prompt: vscode.l10n.t('Make one with "hive keys create" where the hub runs. Leave empty to forget the stored one.'),
    password: true,
    ignoreFocusOut: true,
  })
  if (answer === undefined) return false
  if (answer.trim() === '') await secrets.delete(keyOf(address))
  else await storeToken(secrets, address, answer.trim())
  return true
}

export async function storeToken(secrets: vscode.SecretStorage, address: HubAddress, token: string): Promise<void> {
  await secrets.store(keyOf(address), token)
}

/** A token goes to the hub it was given for, never to another that the setting names later. */
function keyOf(address: HubAddress): string {
  return `token ${nameAddress(address)}`
}
