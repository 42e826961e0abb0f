"""What may be run or edited at all, whoever consents."""

import pytest

from server.ide.allowed import is_allowed, refusal_of_path

COMMANDS = (("make", "test"), ("pytest", "*"), ("npm", "run", "lint"))


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["make", "test"], True),
        (["pytest"], True),
        (["pytest", "-q", "tests"], True),
        (["make"], False),
        (["make", "test", "evil"], False),
        (["make", "test;evil"], False),
        (["./pytest"], False),
        (["npm", "run"], False),
        (["sh", "-c", "make test"], False),
        (["pytest-evil"], False),
        (["*"], False),
        ([""], False),
    ],
)
def test_a_command_is_allowed_word_by_word(argv: list[str], expected: bool) -> None:
    assert is_allowed(argv, COMMANDS) is expected
    assert not is_allowed(argv, ())


@pytest.mark.parametrize("path", ["a.py", "src/a b.py", "..a/b", "git/config", "ünicode.py", ".hive.toml"])
def test_a_path_within_its_folder_may_be_edited(path: str) -> None:
    assert refusal_of_path(path) == ""


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "/etc/passwd",
        "../a",
        "a/../../b",
        "a/..",
        "a\\..\\b",
        "C:/x",
        "file:x",
        "a\0b",
        ".git/hooks/pre-commit",
        "sub/.GIT/config",
        ".vscode/tasks.json",
        ".idea/workspace.xml",
        "web/.husky/pre-push",
        ".devcontainer/devcontainer.json",
        "Ours.Code-Workspace",
    ],
)
def test_a_path_that_leaves_its_folder_or_decides_what_is_run_may_not(path: str) -> None:
    assert refusal_of_path(path) != ""
