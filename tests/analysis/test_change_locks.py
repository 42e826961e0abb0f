"""Lock files of each kind, and what a change of them lets in."""

import pytest

from server.analysis.budget import Budget
from server.analysis.change.change import Edited
from server.analysis.change.lock_files import Locked, locked_in
from server.analysis.change.locks import MAX_DOWNGRADED, find
from server.analysis.change.review import change_in

NPM = """{
  "lockfileVersion": 3,
  "packages": {
    "": {"name": "shop"},
    "node_modules/@acme/left": {
      "version": "1.2.0",
      "resolved": "https://registry.npmjs.org/@acme/left/-/left-1.2.0.tgz",
      "integrity": "sha512-AA==",
      "hasInstallScript": true
    },
    "node_modules/mine": {"link": true}
  }
}
"""
YARN = """# yarn lockfile v1

"@acme/left@^1.0.0", "@acme/left@^1.2.0":
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/@acme/left/-/left-1.2.0.tgz#0a"
  integrity sha512-AA==
  dependencies:
    version "9.9.9"
"""
BERRY = """__metadata:
  version: 8

"left@npm:^1.0.0":
  version: 1.2.0
  resolution: "left@npm:1.2.0"
  checksum: 10/ab12
  languageName: node

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
"""
PNPM = """lockfileVersion: '9.0'

importers:
  .:
    dependencies:
      left:
        specifier: ^1.0.0

packages:

  '@acme/left@1.2.0':
    resolution: {integrity: sha512-AA==}
    requiresBuild: true

  right@https://example.org/right.tgz:
    resolution: {tarball: https://example.org/right.tgz}

snapshots:

  '@acme/left@1.2.0': {}
"""
POETRY = """[[package]]
name = "left"
version = "1.2.0"
files = [{file = "left-1.2.0.tar.gz", hash = "sha256:ab"}, {file = "left.whl", hash = "sha256:cd"}]

[package.source]
type = "git"
url = "https://example.org/left.git"
"""
CARGO = """version = 3

[[package]]
name = "left"
version = "1.2.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "ab12"
"""
GEMS = """GIT
  remote: https://example.org/right.git
  revision: 0a
  specs:
    right (0.1)

GEM
  remote: https://rubygems.org/
  specs:
    left (1.2.0)
      needs (>= 1)

CHECKSUMS
  left (1.2.0) sha256=ab12
"""
COMPOSER = """{"packages": [{"name": "acme/left", "version": "1.2.0",
  "dist": {"type": "zip", "url": "https://api.github.com/repos/acme/left/zipball/0a", "shasum": ""},
  "source": {"type": "git", "url": "https://github.com/acme/left.git", "reference": "0a"}}]}
"""


@pytest.mark.parametrize(
    ("path", "text", "packages"),
    [
        pytest.param(
            "package-lock.json",
            NPM,
            [
                Locked(
                    *("node_modules/@acme/left", "@acme/left", "1.2.0"),
                    "https://registry.npmjs.org/@acme/left/-/left-1.2.0.tgz",
                    *(frozenset({"sha512-AA=="}), True, 5),
                )
            ],
            id="npm",
        ),
        pytest.param(
            "yarn.lock",
            YARN,
            [
                Locked(
                    *('@acme/left@^1.0.0", "@acme/left@^1.2.0', "@acme/left", "1.2.0"),
                    "https://registry.yarnpkg.com/@acme/left/-/left-1.2.0.tgz#0a",
                    *(frozenset({"sha512-AA=="}), False, 3),
                )
            ],
            id="yarn",
        ),
        pytest.param(
            "yarn.lock",
            BERRY,
            [Locked("left@npm:^1.0.0", "left", "1.2.0", "", frozenset({"10/ab12"}), line=4)],
            id="yarn berry",
        ),
        pytest.param(
            "pnpm-lock.yaml",
            PNPM,
            [
                Locked("@acme/left@1.2.0", "@acme/left", "1.2.0", "", frozenset({"sha512-AA=="}), runs=True, line=11),
                Locked("right@https", "right", "https", "https://example.org/right.tgz", line=15),
            ],
            id="pnpm",
        ),
        pytest.param(
            "poetry.lock",
            POETRY,
            [
                Locked(
                    *("left", "left", "1.2.0", "https://example.org/left.git"),
                    *(frozenset({"sha256:ab", "sha256:cd"}), False, 2),
                )
            ],
            id="poetry",
        ),
        pytest.param(
            "Cargo.lock",
            CARGO,
            [
                Locked(
                    *("left", "left", "1.2.0", "registry+https://github.com/rust-lang/crates.io-index"),
                    *(frozenset({"ab12"}), False, 4),
                )
            ],
            id="cargo",
        ),
        pytest.param(
            "Gemfile.lock",
            GEMS,
            [
                Locked("right", "right", "0.1", "git+https://example.org/right.git", line=5),
                Locked("left", "left", "1.2.0", "https://rubygems.org/", frozenset({"ab12"}), line=10),
            ],
            id="bundler",
        ),
        pytest.param(
            "composer.lock",
            COMPOSER,
            [
                Locked(
                    *("acme/left", "acme/left", "1.2.0", "https://api.github.com/repos/acme/left/zipball/0a"),
                    frozenset({"0a"}),
                )
            ],
            id="composer",
        ),
        pytest.param(
            "go.mod",
            "module a.org/b\n\nreplace a.org/c => example.org/d v1.0.0\nreplace a.org/e => ../e\n",
            [Locked("a.org/c", "a.org/c", "", "git+https://example.org/d", line=3)],
            id="replaced modules",
        ),
        pytest.param("package-lock.json", "[1, 2]", [], id="another shape"),
        pytest.param("uv.lock", "package = 1", [], id="another shape of toml"),
        pytest.param("yarn.lock", "", [], id="empty"),
        pytest.param("other.lock", NPM, [], id="another file"),
    ],
)
def test_what_is_pinned(path: str, text: str, packages: list[Locked]) -> None:
    assert locked_in(path, text) == packages


def messages(path: str, before: str, after: str) -> list[str]:
    found = find(change_in(Edited({path: before}, {path: after})), Budget(5.0))
    return [problem.hit.message for _, problem in found]


def test_a_module_that_takes_the_place_of_another_is_told() -> None:
    before = "module a.org/b\n"

    assert messages("go.mod", before, before + "replace a.org/c => example.org/d v1.0.0\n") == [
        "a.org/c comes from a repository at example.org"
    ]


def test_a_project_that_moves_to_a_mirror_is_left_alone() -> None:
    before = "\n".join(YARN.replace("left", f"left{n}") for n in range(5))

    assert messages("yarn.lock", before, before.replace("registry.yarnpkg.com", "npm.acme.org")) == []


def test_many_that_go_back_are_another_resolver() -> None:
    before = "".join(CARGO.partition("\n\n")[2].replace("left", f"left{n}") for n in range(MAX_DOWNGRADED + 1))
    after = before.replace("1.2.0", "1.1.0").replace("ab12", "cd34")

    assert messages("Cargo.lock", before, after) == []


def test_wheels_that_are_added_to_a_version_change_nothing() -> None:
    assert messages("poetry.lock", POETRY, POETRY.replace(', hash = "sha256:cd"', ', hash = "sha256:ee"')) == []
