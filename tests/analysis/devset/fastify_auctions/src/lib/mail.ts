import { execFile, execSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export async function sendMail(to: string, subject: string, text: string): Promise<void> {
  await run('/usr/bin/mailx', ['-s', subject, '--', to], { timeout: 5000 }).catch(() => undefined);
  void text;
}

export function convert(file: string, format: string): Buffer {
  return execSync(`magick ${file} ${format}:-`);
}
