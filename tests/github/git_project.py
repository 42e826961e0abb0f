"""A real git repository, made commit by commit."""

from pathlib import Path

from tests.github.repository import run_git

CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
\tautocrlf = false
"""


class GitProject:
    """*directory* is its working tree, on branch `main` at first.

    Hundreds of tests make one: what is a file or two, it writes and reads without a process of git's.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._git_dir = directory / ".git"
        if not self._git_dir.exists():
            for folder in ("objects", "refs/heads"):
                (self._git_dir / folder).mkdir(parents=True)
            (self._git_dir / "config").write_text(CONFIG)
            self._go_to("main")

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
        return self._head()

    def branch(self, name: str, start: str | None = None) -> None:
        """Make a branch and go there. It starts where we are, unless *start* names another commit."""
        if start is not None:
            self.git("checkout", "--quiet", "-B", name, start)
            return
        head, branch = self._head(), self._git_dir / "refs" / "heads" / name
        branch.parent.mkdir(parents=True, exist_ok=True)
        branch.write_text(f"{head}\n")
        self._go_to(name)

    def _go_to(self, branch: str) -> None:
        (self._git_dir / "HEAD").write_text(f"ref: refs/heads/{branch}\n")

    def _head(self) -> str:
        head = (self._git_dir / "HEAD").read_text().strip()
        return (self._git_dir / head.removeprefix("ref: ")).read_text().strip() if head.startswith("ref: ") else head
