import { promises as fs } from 'fs'
import path from 'path'

const ROOT = path.join(process.cwd(), 'storage')

export async function saveFile(folder: string, name: string, data: Buffer): Promise<string> {
  const target = path.join(ROOT, folder, name)
  await fs.writeFile(target, data)
  return target
}

export async function readAsset(name: string): Promise<Buffer> {
  return fs.readFile(path.join(ROOT, 'assets', path.basename(name)))
}
