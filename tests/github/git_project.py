"""A real git repository, made commit by commit."""

from pathlib import Path

from tests.github.repository import run_git


class GitProject:
    """*directory* is its working tree, on branch `main` at first."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.git("init", "--quiet", "--initial-branch=main", "--template=")
        self.git("config", "core.autocrlf", "false")

    def git(self, *arguments: str) -> str:
        return run_git(self.directory, *arguments).decode("utf-8", "replace").strip()

    def commit(self, files: dict[str, str | bytes | None], message: str = "Change it") -> str:
        """Write *files* (None deletes one), commit everything, and say the commit's SHA."""
        for path, content in files.items():
            target = self.directory / path
            if content is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Make a branch and go there."""
        self.git("checkout", "--quiet", "-B", name, start)
