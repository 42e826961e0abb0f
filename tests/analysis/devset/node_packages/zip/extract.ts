import * as fs from 'fs';
import * as path from 'path';
import * as unzipper from 'unzipper';
import JSZip from 'jszip';
import decompress from 'decompress';
import tar from 'tar';

export async function extractAll(source: string, destination: string): Promise<void> {
  const directory = await unzipper.Open.file(source);
  for (const entry of directory.files) {
    const target = path.resolve(destination, entry.path);
    await fs.promises.mkdir(path.dirname(target), { recursive: true });
    await fs.promises.writeFile(target, await entry.buffer());
  }
}

export async function fromBuffer(buffer: Buffer, destination: string) {
  const zip = await JSZip.loadAsync(buffer);
  await Promise.all(
    Object.values(zip.files).map(async (entry) => {
      const to = path.join(destination, entry.name);
      fs.writeFileSync(to, await entry.async('nodebuffer'));
    }),
  );
}

export async function checked(buffer: Buffer, destination: string) {
  const zip = await JSZip.loadAsync(buffer);
  const root = path.resolve(destination) + path.sep;
  for (const entry of Object.values(zip.files)) {
    const to = path.resolve(destination, entry.name);
    if (!to.startsWith(root)) throw new Error('bad entry');
    fs.writeFileSync(to, await entry.async('nodebuffer'));
  }
}

export const untar = (file: string, cwd: string) => tar.x({ file, cwd });
export { decompress };
