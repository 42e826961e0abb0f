/** Show the code with which this editor logs in on a hub elsewhere, and keep the token that comes of it. */

import * as os from 'node:os'
import * as vscode from 'vscode'

import { type HubAddress, nameAddress } from './address'
import { apiOf, type Begun, begin, type Outcome, pageOf, untilDecided } from './deviceLogin'
import { isProject, projectOf } from './project'
import { gitOfEditor, remoteOf } from './pullRequests/git'
import { storeToken } from './token'

/** True when there is a token now. */
export async function logIn(secrets: vscode.SecretStorage, address: HubAddress): Promise<boolean> {
  const api = apiOf(address)
  if (api === undefined) {
    await vscode.window.showWarningMessage(
      vscode.l10n.t('Only a hub with a web address, such as wss://host, knows logins. Set a token instead.'),
    )
    return false
  }
  const wanted = await chooseProject(address)
  if (wanted === undefined) return false
  const name = `${vscode.env.appName} on ${os.hostname()}`.slice(0, 100)
  try {
    const begun = await begin(api, name, wanted.project)
    const outcome = await showCode(api, begun, (wait) => untilDecided(api, begun, name, wait))
    if (outcome.kind === 'token') await storeToken(secrets, address, outcome.token)
    if (outcome.kind === 'denied') await vscode.window.showWarningMessage(vscode.l10n.t('The login was denied.'))
    if (outcome.kind === 'expired') {
      await vscode.window.showWarningMessage(vscode.l10n.t('Nobody approved the login in time: begin again.'))
    }
    return outcome.kind === 'token'
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    await vscode.window.showWarningMessage(vscode.l10n.t('The hub did not begin a login: {0}', why))
    return false
  }
}

/** What the token is to see: one project, or all with undefined. The operator may decide otherwise. */
interface Wanted {
  project: string | undefined
}

/** Undefined when a person left without an answer. */
async function chooseProject(address: HubAddress): Promise<Wanted | undefined> {
  const remotes = (await gitOfEditor())?.repositories.map(remoteOf) ?? []
  const open = new Set(remotes.map((remote) => remote && projectOf(remote)).filter((name) => name !== undefined))
  const all = { label: vscode.l10n.t('All projects of the hub'), iconPath: new vscode.ThemeIcon('globe') }
  const other = { label: vscode.l10n.t('Another project…'), iconPath: new vscode.ThemeIcon('edit') }
  const here = [...open].map((label) => ({
    label,
    iconPath: new vscode.ThemeIcon('repo'),
    description: vscode.l10n.t('open here'),
  }))
  const chosen = await vscode.window.showQuickPick([...here, all, other], {
    title: vscode.l10n.t('Log in on {0}', nameAddress(address)),
    placeHolder: vscode.l10n.t('What may this editor see on the hub?'),
    ignoreFocusOut: true,
  })
  if (chosen === undefined) return undefined
  if (chosen === all) return { project: undefined }
  if (chosen !== other) return { project: chosen.label }
  const project = await vscode.window.showInputBox({
    title: chosen.label,
    placeHolder: 'github.com/owner/repo',
    ignoreFocusOut: true,
    validateInput: (name) =>
      isProject(name.trim()) ? undefined : vscode.l10n.t('Projects are named like github.com/owner/repo.'),
  })
  return project === undefined ? undefined : { project: project.trim() }
}

type Wait = (seconds: number) => Promise<boolean>

function showCode(api: string, begun: Begun, follow: (wait: Wait) => Promise<Outcome>): Thenable<Outcome> {
  const { user_code } = begun
  void vscode.env.clipboard.writeText(user_code)
  const page = pageOf(api, begun)
  const title = vscode.l10n.t(
    'Hive: the code of this editor is {0} (copied). An operator of the hub lets it in at {1}, or with "hive devices approve {0}"',
    user_code,
    `[${page.replace(/\?.*/, '')}](${page})`,
  )
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_progress, cancellation) => follow((seconds) => slept(seconds, cancellation)),
  )
}

/** False as soon as a person cancels. */
function slept(seconds: number, cancellation: vscode.CancellationToken): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(!cancellation.isCancellationRequested), seconds * 1000)
    cancellation.onCancellationRequested(() => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}
