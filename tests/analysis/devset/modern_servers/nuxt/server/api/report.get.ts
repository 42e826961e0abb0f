import { exec } from 'node:child_process';
import { promises as fs } from 'node:fs';

export default defineEventHandler(async (event) => {
  const { year, file } = getQuery(event);
  if (file) {
    return fs.readFile(`./reports/${file}`, 'utf8');
  }
  return new Promise((resolve) => exec(`./report.sh ${year}`, (err, out) => resolve(out)));
});
