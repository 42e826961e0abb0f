"""The resident ruff: asked by many, replaced when it dies, deaf to what the reviewed code says of configuration."""

import asyncio
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from server.agents.ruff import Program, Ruff, RuffTooSlow, RuffUnavailable

REPOSITORY = Path(__file__).parents[2]


@pytest_asyncio.fixture
async def ruff() -> AsyncIterator[Ruff]:
    ruff = Ruff(Program.find())
    yield ruff
    await ruff.stop()


async def codes(ruff: Ruff, text: str, path: str = "a.py") -> list[str]:
    return [diagnostic.code for diagnostic in await ruff.diagnose(path, text)]


async def test_it_speaks_in_code_points(ruff: Ruff) -> None:
    (diagnostic,) = await ruff.diagnose("a.py", "x = 'é😀'; print(undefined)\n")

    assert (diagnostic.range.start.character, diagnostic.range.end.character) == (16, 25)


async def test_many_ask_one_process(ruff: Ruff) -> None:
    answers = await asyncio.gather(*(ruff.diagnose("a.py", f"undefined_{n}\n") for n in range(50)))

    assert [answer[0].message for answer in answers] == [f"Undefined name `undefined_{n}`" for n in range(50)]


async def test_a_process_that_died_is_replaced(ruff: Ruff) -> None:
    await ruff.start()
    for child in _children():
        os.kill(child, 9)

    assert await codes(ruff, "undefined\n") == ["F821"]


async def test_a_process_that_dies_under_a_question_is_asked_again(ruff: Ruff) -> None:
    await ruff.start()
    asking = asyncio.create_task(codes(ruff, "undefined\n" * 20_000))
    await asyncio.sleep(0)

    for child in _children():
        os.kill(child, 9)

    assert set(await asking) == {"F821"}


async def test_a_process_that_hangs_is_given_up_and_replaced() -> None:
    ruff = Ruff(Program.find(), answer_seconds=0.5)
    await ruff.start()
    (child,) = _children()
    os.kill(child, 19)  # SIGSTOP

    with pytest.raises(RuffTooSlow):
        await codes(ruff, "undefined\n")

    assert await codes(ruff, "undefined\n") == ["F821"]
    await ruff.stop()


async def test_the_program_runs_when_its_path_cannot_be_read_any_more(tmp_path: Path) -> None:
    copy = tmp_path / "ruff"
    shutil.copy(Program.find().path, copy)
    ruff = Ruff(Program(copy))
    copy.unlink()

    assert await codes(ruff, "undefined\n") == ["F821"]
    await ruff.stop()


async def test_stopping_leaves_no_process(ruff: Ruff) -> None:
    await ruff.start()
    assert _children()

    await ruff.stop()

    assert _children() == []


async def test_what_is_no_program_is_unavailable(tmp_path: Path) -> None:
    broken = tmp_path / "ruff"
    broken.write_text("#!/bin/false\n")
    broken.chmod(0o755)

    with pytest.raises(RuffUnavailable):
        await Ruff(Program(broken)).start()


@pytest.mark.parametrize(
    "path", ["../../etc/passwd.py", "a b%20?.py", "ü/ñ.py", "x" * 3_000 + ".py", "C:\\a.py", ".py"]
)
async def test_a_strange_path_does_no_harm(ruff: Ruff, path: str) -> None:
    assert await codes(ruff, "undefined\n", path) == ["F821"]


async def test_the_path_matters_where_python_makes_it_matter(ruff: Ruff) -> None:
    assert await codes(ruff, "def f() -> X: ...\nclass X: ...\n", "a.pyi") == []


_AS_NOBODY = """
import asyncio, os, sys
from server.agents.reviewer import Reviewer, preload
from server.reviews.snapshot import Snapshot, SourceFile

preload()
os.setgroups([]); os.setgid({gid}); os.setuid({uid})
sys.path[:] = []

async def main():
    reviewer = Reviewer()
    await reviewer.start()
    text = "def f(x):\\n    assert x == rf'\\\\d{{x}}'\\nassert (x, 1)"
    report = await reviewer.review(Snapshot("p", (SourceFile("a.py", text),)), lambda *step: None)
    await reviewer.stop()
    print(sorted(finding.rule for finding in report.findings), os.getuid(), report.coverage.partial)

asyncio.run(main())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_runs_for_nobody_in_an_empty_environment_with_nothing_more_to_import() -> None:
    nobody = pwd.getpwnam("nobody")
    script = _AS_NOBODY.format(uid=nobody.pw_uid, gid=nobody.pw_gid)

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={}, cwd=REPOSITORY, timeout=60
    )

    assert done.stderr == ""
    assert done.stdout.startswith(f"['ruff.F631', 'ruff.F821'] {nobody.pw_uid} ()")


def _children() -> list[int]:
    """The ruffs among the child processes of this one. The session's engines are children too, and not ours to kill."""
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = [int(child) for task in listed for child in task.read_text().split()]
    return [child for child in children if _program(child).startswith("ruff")]


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except OSError:  # it has ended
        return ""
