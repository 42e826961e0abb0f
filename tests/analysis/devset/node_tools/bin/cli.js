#!/usr/bin/env node
const fs = require('fs');
const { program } = require('commander');
const Git = require('../lib/git');
const { createServer } = require('../lib/static-server');

program.command('serve <dir>').option('-p, --port <port>').action((dir, options) => {
  createServer(dir).listen(options.port || 8080);
});

program.command('cat <file>').action((file) => {
  process.stdout.write(fs.readFileSync(file));
});

program.command('release <tag>').action((tag) => {
  console.log(new Git(process.cwd()).tag(tag, 'Release ' + tag));
});

program.parse(process.argv);
