/** Run one command without a shell, for so long and with so much output. Knows neither the editor nor the hub. */

import { type ChildProcess, spawn } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'

import type { RunDone } from '../protocol'

export interface Run {
  argv: readonly string[]
  cwd: string
  timeoutSeconds: number
  maxOutputBytes: number
  /** Aborted when nobody waits for it any more. */
  over?: AbortSignal
}

/** What is of use to a command, and no secret: programs find tokens of other programs in environments. */
const KEPT_VARIABLES = ['PATH', 'Path', 'HOME', 'USERPROFILE', 'LANG', 'LC_ALL', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot']

/** Never rejects: what went wrong is the *reason*. Its process group ends with it. */
export function runCommand(run: Run): Promise<RunDone> {
  const [program, ...args] = run.argv
  if (program === undefined) return Promise.resolve(failure('there is no command'))
  const child = spawn(program, args, {
    cwd: run.cwd,
    env: Object.fromEntries(KEPT_VARIABLES.map((name) => [name, process.env[name]])),
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    detached: process.platform !== 'win32',
  })
  const stdout = new Output(run.maxOutputBytes)
  const stderr = new Output(run.maxOutputBytes)
  child.stdout.on('data', (chunk: Buffer) => stdout.take(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.take(chunk))
  return new Promise((resolve) => {
    let reason = ''
    const end = (why: string) => {
      reason ||= why
      endGroup(child)
    }
    const timer = setTimeout(() => end(`it was ended after ${run.timeoutSeconds} s`), run.timeoutSeconds * 1000)
    run.over?.addEventListener('abort', () => end('nobody waits for it any more'), { once: true })
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve(failure(`it could not be run: ${error.message}`))
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({
        exit_code: reason === '' ? code : null,
        stdout: stdout.text,
        stderr: stderr.text,
        is_cut: stdout.isCut || stderr.isCut,
        reason: reason || (code === null ? `it was ended by ${signal ?? 'a signal'}` : ''),
      })
    })
  })
}

export function failure(reason: string): RunDone {
  return { exit_code: null, stdout: '', stderr: '', is_cut: false, reason }
}

/** The first bytes of a stream, as text. */
class Output {
  text = ''
  isCut = false
  private left: number
  private readonly decoder = new StringDecoder('utf8')

  constructor(maxBytes: number) {
    this.left = maxBytes
  }

  take(chunk: Buffer): void {
    this.text += this.decoder.write(chunk.subarray(0, this.left))
    this.isCut ||= chunk.length > this.left
    this.left -= Math.min(chunk.length, this.left)
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL') // the group is gone, or is not ours
  }
}
