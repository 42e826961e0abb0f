import { exec, execFile } from 'child_process'
import { promisify } from 'util'
import fs from 'fs/promises'
import path from 'path'
import { config } from '@lib/config'
import { HttpError } from '@lib/http'

const run = promisify(exec)
const runFile = promisify(execFile)
const FORMATS = ['pdf', 'html', 'csv'] as const

export interface ReportOptions {
  title: string
  format: string
  template?: string
}

export class ReportService {
  async render(options: ReportOptions): Promise<Buffer> {
    const { title, format, template = 'default' } = options
    if (!FORMATS.includes(format as any)) throw new HttpError(400, 'format')
    const out = path.join('/tmp', `report.${format}`)
    await run(`report-gen --title "${title}" --format ${format} -o ${out}`)
    return fs.readFile(out)
  }

  async thumbnail(file: string): Promise<string> {
    const target = `${file}.thumb.png`
    await runFile('convert', ['--', file, '-resize', '200x200', target])
    return target
  }

  async readTemplate(name: string): Promise<string> {
    return fs.readFile(path.join(config.uploadRoot, 'templates', name), 'utf8')
  }

  async readAttachment(name: string): Promise<Buffer> {
    const root = path.resolve(config.uploadRoot)
    const full = path.resolve(root, name)
    if (!full.startsWith(root + path.sep)) throw new HttpError(400, 'name')
    return fs.readFile(full)
  }
}
