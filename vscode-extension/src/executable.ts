/** Find the `hive` command the way a shell would, and where installers put it when the editor's PATH is poorer. Pure. */

import * as path from 'node:path'

export interface Machine {
  platform: NodeJS.Platform
  env: NodeJS.ProcessEnv
  home: string
  isFile: (file: string) => boolean
}

/** The file to run for the setting `hive.path`, or undefined when there is none. */
export function findExecutable(setting: string, machine: Machine): string | undefined {
  return candidates(setting.trim(), machine).find(machine.isFile)
}

function candidates(setting: string, machine: Machine): string[] {
  const paths = machine.platform === 'win32' ? path.win32 : path.posix
  const suffix = machine.platform === 'win32' && !setting.toLowerCase().endsWith('.exe') ? '.exe' : ''
  if (setting.startsWith('~/')) return [paths.join(machine.home, setting.slice(2) + suffix)]
  // A relative path would be looked up in whatever folder happens to be open: only absolute paths and bare names count.
  if (/[\\/]/.test(setting)) return paths.isAbsolute(setting) ? [setting + suffix] : []
  if (setting === '') return []
  return searchPath(machine, paths).map((folder) => paths.join(folder, setting + suffix))
}

function searchPath(machine: Machine, paths: path.PlatformPath): string[] {
  const listed = (machine.env.PATH ?? machine.env.Path ?? '').split(paths.delimiter)
  const whereUvAndPipxInstall = paths.join(machine.home, '.local', 'bin')
  return [...listed.filter((folder) => paths.isAbsolute(folder)), whereUvAndPipxInstall]
}
