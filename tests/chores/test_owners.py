"""Who owns a file: GitHub's own examples of CODEOWNERS, and where it differs from gitignore."""

import pytest

from server.chores.owners import CodeOwners, choose

# https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#example-of-a-codeowners-file
EXAMPLE = """\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
!negated @nobody
[ab].c @nobody
broken line here
/with\\ space/ @spaced
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("@global-owner1", "@global-owner2")),
        ("src/deep/app.js", ("@js-owner",)),
        ("main.go", ("docs@example.com",)),
        ("a/b.txt", ("@octo-org/octocats",)),
        ("build/logs/today/one", ("@octocat",)),
        ("docs/intro", ("@doctocat",)),
        ("docs/a/b", ("@doctocat",)),
        ("src/apps/one", ("@octocat",)),
        ("scripts/run", ("@doctocat", "@octocat")),
        ("deeply/nested/logs/x", ("@octocat",)),
        ("apps/other", ("@octocat",)),
        ("apps/github", ()),
        ("apps/github/below", ()),
        ("negated", ("@global-owner1", "@global-owner2")),
        ("a.c", ("@global-owner1", "@global-owner2")),
        ("broken", ("@global-owner1", "@global-owner2")),
        ("with space/x", ("@spaced",)),
    ],
)
def test_the_last_line_that_fits_counts(path: str, owners: tuple[str, ...]) -> None:
    assert CodeOwners(EXAMPLE).owners_of(path) == owners


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/sub/a.md", False),
        ("docs/*", "x/docs/a.md", False),
        ("docs/**", "docs/sub/a.md", True),
        ("docs", "x/docs/a", True),
        ("/docs", "x/docs/a", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b/c", True),
        ("*.md", "x/Y.MD", False),
        ("foo?.py", "foo1.py", True),
        ("foo?.py", "foo/.py", False),
        ("a*b*c.py", "a-b-b-c.py", True),
        ("a*b*c.py", "a-c-b.py", False),
        ("*a" * 200 + "b", "a" * 4_000, False),
        ("/**/a/**/b", "a/" * 1_000, False),
    ],
)
def test_a_pattern_means_what_it_means_on_github(pattern: str, path: str, fits: bool) -> None:
    assert CodeOwners(f"{pattern} @ada").owners_of(path) == (("@ada",) if fits else ())


def test_who_owns_most_and_has_least_to_do_is_asked_first() -> None:
    owned = [("@ada", "@Bo"), ("@Bo", "@cy"), ("@dee",), ("@octo/team", "x@example.com")]
    able = frozenset({"ada", "bo", "cy", "dee"})

    assert choose(owned, able=able, load={}, count=2, with_teams=False).users == ("bo", "dee")
    busy = {"bo": 5}
    assert choose(owned[:1], able=able, load=busy, count=2, with_teams=False).users == ("ada",)
    with_teams = choose(owned, able=able - {"bo"}, load={}, count=3, with_teams=True)
    assert (with_teams.users, with_teams.teams, with_teams.unasked) == (
        ("ada", "cy", "dee"),
        ("team",),
        ("x@example.com",),
    )
