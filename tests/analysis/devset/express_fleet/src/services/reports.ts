import { exec, execFile } from 'child_process';
import { promisify } from 'util';
import fs from 'fs';
import path from 'path';
import { config } from '../config';

const execAsync = promisify(exec);
const execFileAsync = promisify(execFile);

export interface ReportOptions {
  format: string;
  month: string;
  title?: string;
}

export class ReportService {
  constructor(private readonly dir: string = config.reportsDir) {}

  private target(name: string): string {
    return path.join(this.dir, name);
  }

  async build(options: ReportOptions): Promise<string> {
    const out = this.target(`report-${Date.now()}.pdf`);
    const args = [`--month=${options.month}`, `--out=${out}`];
    if (options.title) {
      args.push(`--title="${options.title}"`);
    }
    await execAsync(`fleet-report ${args.join(' ')}`);
    return out;
  }

  async convert(name: string, format: string) {
    await execFileAsync('pandoc', [path.basename(name), '-t', format === 'docx' ? 'docx' : 'pdf']);
  }

  open(name: string) {
    return fs.createReadStream(this.target(name));
  }

  openChecked(name: string) {
    const file = path.resolve(this.dir, name);
    if (!file.startsWith(path.resolve(this.dir) + path.sep)) {
      throw new Error('outside of the reports');
    }
    return fs.createReadStream(file);
  }

  async discard(name: string) {
    const cleaned = name.replace('../', '');
    await fs.promises.unlink(this.target(cleaned));
  }
}
