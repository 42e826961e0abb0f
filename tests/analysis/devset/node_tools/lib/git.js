const { exec, execSync, spawn, execFile } = require('child_process');

class Git {
  constructor(dir, options = {}) {
    this.dir = dir;
    this.binary = options.binary || 'git';
  }

  _run(command, callback) {
    exec(`${this.binary} ${command}`, { cwd: this.dir }, callback);
  }

  checkout(branch, callback) {
    this._run('checkout ' + branch, callback);
  }

  log(file, callback) {
    execFile(this.binary, ['log', '--', file], { cwd: this.dir }, callback);
  }

  currentBranch(callback) {
    execFile(this.binary, ['rev-parse', '--abbrev-ref', 'HEAD'], { cwd: this.dir }, callback);
  }

  tag(name, message) {
    return execSync(`git tag -a ${name} -m "${message}"`, { cwd: this.dir }).toString();
  }

  clone(url, target) {
    return spawn('git', ['clone', url, target], { stdio: 'inherit' });
  }

  grep(pattern) {
    return spawn(`git grep ${pattern}`, { shell: true, cwd: this.dir });
  }
}

module.exports = Git;
