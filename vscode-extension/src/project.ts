/** How projects are called: as `server/reviews/project.py` has it, for the addresses of remotes that git tells. */

const URL_OF_REMOTE =
  /^(?:https?|ssh|git|git\+ssh|ssh\+git|ftps?):\/\/(?:[^/]*@)?([\w.-]+|\[[\da-f:.]+\])(?::\d*)?\/([^?#]*)/i
const SCP_OF_REMOTE = /^(?:[^/@:]*@)?([\w.-]{2,}|\[[\da-f:.]+\]):(?!\/\/|:)(.*)$/i
const MAX_LENGTH = 200

/** Second names of the same forge. */
const HOSTS: Record<string, string> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
  'www.github.com': 'github.com',
}

/** `github.com/owner/repo`; undefined where the remote is no address of a forge. */
export function projectOf(remote: string): string | undefined {
  const [, host, path] = URL_OF_REMOTE.exec(remote) ?? SCP_OF_REMOTE.exec(remote) ?? []
  if (host === undefined || path === undefined) return undefined
  const plainHost = host.toLowerCase().replace(/\.+$/, '')
  const parts = path
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '')
  const name = [HOSTS[plainHost] ?? plainHost, ...parts].join('/').toLowerCase()
  return plainHost !== '' && parts.length > 0 && !parts.includes('..') && isProject(name) ? name : undefined
}

/** Whether a hub takes it for one: the hub refuses what it does not. */
export function isProject(name: string): boolean {
  return name.length <= MAX_LENGTH && /^[^\s/%]+(?:\/[^\s/%]+)+$/.test(name)
}
