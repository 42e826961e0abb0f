#!/usr/bin/env node
import { execSync, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import yaml from 'js-yaml';
import yargs from 'yargs';

const argv = yargs(process.argv.slice(2)).parse();
const version = argv._[0];

const config = yaml.load(fs.readFileSync('release.yml', 'utf8'));
execSync(`git tag v${version}`);
execFileSync('git', ['push', 'origin', `v${version}`]);

const branch = execFileSync('git', ['rev-parse', '--abbrev-ref', 'HEAD']).toString().trim();
console.log('released', version, 'from', branch, config.name);
