import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { findExecutable, type Machine } from '../../src/executable'

function machine(files: string[], path = '/usr/bin:/opt/bin'): Machine {
  return { platform: 'linux', env: { PATH: path }, home: '/home/ada', isFile: (file) => files.includes(file) }
}

const CASES = [
  {
    name: 'the first on the PATH wins',
    setting: 'hive',
    files: ['/opt/bin/hive', '/usr/bin/hive'],
    found: '/usr/bin/hive',
  },
  {
    name: 'where uv installs is looked at too',
    setting: 'hive',
    files: ['/home/ada/.local/bin/hive'],
    found: '/home/ada/.local/bin/hive',
  },
  {
    name: 'an absolute path is taken as it is',
    setting: '/srv/hive',
    files: ['/srv/hive', '/usr/bin/hive'],
    found: '/srv/hive',
  },
  {
    name: 'a missing absolute path is not replaced by another',
    setting: '/srv/hive',
    files: ['/usr/bin/hive'],
    found: undefined,
  },
  { name: '~ is the home', setting: '~/bin/hive', files: ['/home/ada/bin/hive'], found: '/home/ada/bin/hive' },
  {
    name: 'a relative path would depend on the open folder',
    setting: './hive',
    files: ['./hive', 'hive'],
    found: undefined,
  },
  { name: 'nothing is nothing', setting: ' ', files: ['/usr/bin', '/opt/bin'], found: undefined },
]

for (const { name, setting, files, found } of CASES) {
  test(name, () => {
    assert.equal(findExecutable(setting, machine(files)), found)
  })
}

test('a PATH with the current folder in it does not run what lies there', () => {
  assert.equal(findExecutable('hive', machine(['hive', './hive'], '.::/usr/bin')), undefined)
})

test('Windows has its own separators and suffix', () => {
  const windows: Machine = {
    platform: 'win32',
    env: { Path: 'C:\\Windows;C:\\Tools' },
    home: 'C:\\Users\\ada',
    isFile: (file) => file === 'C:\\Tools\\hive.exe',
  }

  assert.equal(findExecutable('hive', windows), 'C:\\Tools\\hive.exe')
  assert.equal(findExecutable('C:\\Tools\\hive.exe', windows), 'C:\\Tools\\hive.exe')
})
