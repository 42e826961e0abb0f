import * as assert from 'node:assert/strict'
import { test } from 'node:test'

import { isProject, projectOf } from '../../src/project'

/** As `name_from_remote` of the hub answers. */
const REMOTES: [string, string | undefined][] = [
  ['https://github.com/Acme/Shop.git', 'github.com/acme/shop'],
  ['git@github.com:acme/shop.git', 'github.com/acme/shop'],
  ['ssh://git@ssh.github.com:443/acme/shop', 'github.com/acme/shop'],
  ['https://gitlab.example.com:8443/group/sub/shop/', 'gitlab.example.com/group/sub/shop'],
  ['acme.example:shop.git', 'acme.example/shop'],
  ['/home/ada/shop', undefined],
  ['../shop.bundle', undefined],
  ['C:/shop', undefined],
  ['https://github.com/', undefined],
  ['https://github.com/../shop', undefined],
]

for (const [remote, project] of REMOTES) {
  test(`the project of ${remote} is ${project}`, () => {
    assert.equal(projectOf(remote), project)
  })
}

for (const name of ['shop', 'github.com/', 'github.com/acme/my shop', '']) {
  test(`"${name}" is the name of no project`, () => {
    assert.equal(isProject(name), false)
  })
}
