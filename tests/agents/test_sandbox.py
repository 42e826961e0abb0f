"""Commands of strangers in the real sandbox: what they see, what they may not, and what ends them."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.agents.sandbox import Ended, Limits, OwnCommand, Run, Runner, Sandbox, SandboxUnavailable, own_command
from server.agents.sandbox.runner import _archive
from server.jobs import descendants
from server.jobs.children import Children
from server.reviews.snapshot import LineRange, Snapshot, SourceFile
from tests.agents.sandboxes import MEBIBYTE, SANDBOX, a_runner, needs_sandbox

QUICK = Limits(seconds=20)
SCRIPT = f"script_{os.getpid()}.py"
"""By this name processes are known that are left of this run of the tests."""


async def shell(script: str, limits: Limits = QUICK, **tree: str) -> Run:
    return await a_runner(limits).run(tree, ["sh", "-c", script])


async def python(script: str, limits: Limits = QUICK) -> Run:
    return await a_runner(limits).run({SCRIPT: script}, ["python3", SCRIPT])


@needs_sandbox
async def test_tests_pass_and_fail_and_are_heard() -> None:
    tree = {
        "shop/cart.py": "def total(): return 1\n",
        "tests/test_cart.py": "import unittest\nfrom shop.cart import total\n\n\nclass T(unittest.TestCase):\n"
        "    def test_total(self):\n        self.assertEqual(total(), 1)\n",
    }
    command = ["python3", "-m", "unittest", "discover", "-s", "tests", "-t", "."]

    passed = await a_runner().run({**tree, "shop/__init__.py": "", "tests/__init__.py": ""}, command)
    failed = await a_runner().run(
        {**tree, "shop/__init__.py": "", "tests/__init__.py": "", "shop/cart.py": "def total(): return 2\n"}, command
    )

    assert passed.passed
    assert "Ran 1 test" in passed.output
    assert failed.exit_code == 1
    assert not failed.passed
    assert "AssertionError: 2 != 1" in failed.output


@pytest.fixture
def shown() -> Iterator[Path]:
    """A folder with a program that would write on."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        program = Path(folder, "bin", "greet")
        program.parent.mkdir()
        program.write_text("#!/bin/sh\necho hello; echo more >> $0\n")
        for path in (program, program.parent, Path(folder)):
            path.chmod(0o755)
        yield Path(folder)
        assert "more" not in program.read_text().splitlines()


@needs_sandbox
async def test_what_tests_need_beside_the_systems_programs_is_seen_and_not_written(shown: Path) -> None:
    ran = await Runner(Sandbox.find([shown]), Children(uuid4()), QUICK).run({}, ["greet"])

    assert ran.output.startswith("hello\n")
    with pytest.raises(SandboxUnavailable, match="not found"):
        Sandbox.find([shown / "none"])


AS_NOBODY = """\
import asyncio, os
from uuid import uuid4
from server.agents.sandbox import Limits, Runner, Sandbox
from server.jobs.children import Children

sandbox = Sandbox.find()
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.chdir("/")
run = asyncio.run(Runner(sandbox, Children(uuid4()), Limits(seconds=15)).run({"a": "x"}, ["sh", "-c", "id -u; cat a"]))
print(os.getuid() != 0, run.exit_code, run.output.split())
"""


@needs_sandbox
def test_a_process_that_gave_up_its_rights_runs_tests_too() -> None:
    done = subprocess.run([sys.executable, "-c", AS_NOBODY], capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout == "True 0 ['1000', 'x']\n", done.stderr


@needs_sandbox
async def test_inside_there_is_no_environment_no_other_process_and_no_open_file_of_ours() -> None:
    ran = await shell(
        "cat /proc/*/environ | tr '\\0' '\\n'; echo --; ls -d /proc/[0-9]* | wc -l; ls /proc/self/fd | wc -l"
    )

    variables, _, counts = ran.output.partition("--\n")
    assert {line.partition("=")[0] for line in variables.split()} <= {
        *("PATH", "HOME", "TMPDIR", "LANG", "CI", "PYTHONDONTWRITEBYTECODE", "PWD", "OLDPWD", "SHLVL", "_"),
    }
    processes, files = map(int, counts.split())
    assert processes <= 5
    assert files == 4  # three streams, and the folder that is being listed


@needs_sandbox
async def test_nothing_of_this_machine_can_be_read_or_written_but_programs(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush")
    os.chmod(tmp_path, 0o755)

    ran = await shell(
        f"cat {tmp_path}/secret /etc/passwd /etc/shadow /root/.bashrc {__file__};"
        "for f in /x /usr/x /etc/x /dev/x /proc/sys/kernel/hostname; do echo evil > $f; done;"
        "ls /home /var /run /srv /mnt;"
        "touch ok /tmp/ok /dev/shm/ok && echo written"
    )

    assert "hush" not in ran.output
    assert "root:" not in ran.output
    assert ran.output.count("No such file") + ran.output.count("cannot access") >= 10
    assert ran.output.endswith("written\n")
    assert "x" not in os.listdir("/usr")


@needs_sandbox
async def test_it_is_an_account_without_rights_that_gets_none() -> None:
    ran = await shell(
        "id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; unshare -U true; unshare -r true"
    )

    assert ran.output.startswith("1000\n")
    assert "CapEff:\t0000000000000000" in ran.output
    assert "CapBnd:\t0000000000000000" in ran.output
    assert "NoNewPrivs:\t1" in ran.output
    assert "Seccomp:\t2" in ran.output
    assert ran.output.count("unshare failed") == 2


NETWORK = """\
import socket
for family, kind in ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM)):
    for host in ("1.1.1.1", "169.254.169.254", "127.0.0.1"):
        with socket.socket(family, kind) as s:
            s.settimeout(2)
            try:
                s.connect((host, PORT)); s.send(b"x"); print("CONNECTED", host, int(kind))
            except OSError as error:
                print("refused", host, error.errno)
try:
    socket.getaddrinfo("example.com", 80); print("RESOLVED")
except OSError as error:
    print("no name")
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
print("own loopback")
for family in (16, 17, 38, 40):
    try:
        socket.socket(family, socket.SOCK_RAW); print("FAMILY", family)
    except OSError as error:
        print("no family", error.errno)
"""


@needs_sandbox
async def test_there_is_no_network_but_a_loopback_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        ours.settimeout(0)
        ran = await python(NETWORK.replace("PORT", str(ours.getsockname()[1])))
        with pytest.raises(BlockingIOError):
            ours.accept()

    assert "CONNECTED 1" not in ran.output.replace("CONNECTED 127.0.0.1 2", "")
    assert "RESOLVED" not in ran.output
    assert "own loopback" in ran.output
    assert ran.output.count("no family") == 4


CALLS = """\
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
for number in NUMBERS:
    result = libc.syscall(number, 0, 0, 0, 0, 0, 0)
    print(number, result, os.strerror(ctypes.get_errno()))
"""
X86_64 = {"ptrace": 101, "mount": 165, "bpf": 321, "keyctl": 250, "io_uring_setup": 425, "userfaultfd": 323}
X86_64 |= {"perf_event_open": 298, "kexec_load": 246, "unshare": 272, "setns": 308, "process_vm_readv": 310}


@needs_sandbox
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of system calls are those of x86-64")
async def test_the_kernel_is_not_asked_for_what_tests_do_not_need() -> None:
    ran = await python(CALLS.replace("NUMBERS", str(list(X86_64.values()))))

    assert ran.output.split("\n")[:-1] == [f"{number} -1 Operation not permitted" for number in X86_64.values()]


@needs_sandbox
@pytest.mark.parametrize(
    ("script", "limits", "ended"),
    [
        ("import time; time.sleep(60)", Limits(seconds=0.5), Ended.TIME),
        ("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)", Limits(seconds=0.5), Ended.TIME),
        (
            "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n"
            "        x = bytearray(60 << 20); time.sleep(20)\ntime.sleep(20)",
            Limits(seconds=20, memory_bytes=100 * MEBIBYTE),
            Ended.MEMORY,
        ),
    ],
    ids=["sleeps", "ignores signals", "many that are not large"],
)
async def test_what_takes_too_much_is_ended_with_all_its_processes(script: str, limits: Limits, ended: Ended) -> None:
    ran = await python(f"print('began', flush=True)\n{script}", limits)

    assert ran.ended is ended
    assert not ran.passed
    assert ran.output.startswith("began")
    assert ran.seconds < 8
    assert _left() == set()


@needs_sandbox
@pytest.mark.parametrize(
    ("script", "heard"),
    [
        ("x = bytearray(300 << 20)", "MemoryError"),
        ("open('big', 'wb').write(bytes(40 << 20))", "File too large"),
        ("import os\nfor i in range(9): open(f'/tmp/{i}', 'wb').write(bytes(8 << 20))", "No space left"),
        ("import os\nwhile True: os.fork()", "Resource temporarily unavailable"),
        ("[open(__file__) for _ in range(5000)]\n", "Too many open files"),
        ("f = [bytearray(1 << 20) for _ in range(20)]; print('fine')", "fine"),
    ],
    ids=["memory", "a file", "the disk", "processes", "files", "little"],
)
async def test_each_thing_has_its_limit(script: str, heard: str) -> None:
    limits = Limits(
        seconds=20,
        memory_bytes=200 * MEBIBYTE,
        processes=20,
        open_files=64,
        file_bytes=16 * MEBIBYTE,
        scratch_bytes=32 * MEBIBYTE,
    )
    assert heard in (await python(script, limits)).output
    assert _left() == set()


@needs_sandbox
async def test_of_much_output_the_beginning_and_the_end_are_kept() -> None:
    ran = await python("print('first'); print('x' * 5_000_000); print('last')")

    assert ran.output.startswith("first\nxxx")
    assert ran.output.endswith("xxx\nlast\n")
    assert len(ran.output) < 25_000
    assert ran.left_out_bytes == 5_000_012 - QUICK.output_bytes


@needs_sandbox
async def test_a_cancelled_run_leaves_no_process() -> None:
    children = Children(uuid4())
    assert SANDBOX is not None
    runner = Runner(SANDBOX, children, QUICK)
    script = "import os, time\nfor _ in range(3): os.fork()\nos.setsid() if os.getpid() > 3 else 0\ntime.sleep(60)"
    running = asyncio.create_task(runner.run({}, ["python3", "-c", script]))
    async with asyncio.timeout(20):
        while len(descendants.find("no attempt", _sessions(children))) < 8:  # noqa: ASYNC110 - nobody signals forks
            await asyncio.sleep(0.02)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert descendants.find("no attempt", _sessions(children)) == set()
    assert _left() == set()


@needs_sandbox
async def test_runs_of_all_attempts_wait_for_each_others_turns() -> None:
    assert SANDBOX is not None
    turns = asyncio.Semaphore(1)
    first, second = Children(uuid4()), Children(uuid4())
    hangs = asyncio.create_task(Runner(SANDBOX, first, QUICK, turns).run({}, ["sleep", "60"]))
    async with asyncio.timeout(20):
        while not first.any:  # noqa: ASYNC110 - nobody signals that a process was started
            await asyncio.sleep(0.02)
    waits = asyncio.create_task(Runner(SANDBOX, second, QUICK, turns).run({}, ["echo", "mine"]))
    await asyncio.wait({waits}, timeout=0.2)
    assert not second.any

    hangs.cancel()
    ran = await waits

    assert (ran.passed, ran.output) == (True, "mine\n")


@needs_sandbox
async def test_a_tree_that_does_not_fit_is_no_success() -> None:
    ran = await shell("echo ran", Limits(seconds=20, tree_bytes=1 * MEBIBYTE), big="x" * (2 * MEBIBYTE))

    assert ran.exit_code == 125
    assert "ran" not in ran.output.split("\n")


@needs_sandbox
async def test_nothing_of_a_run_is_left_for_the_next() -> None:
    runner = a_runner()
    await runner.run({}, ["sh", "-c", "echo evil > /tmp/x; echo evil > x; echo evil > /dev/shm/x"])

    assert (await runner.run({}, ["sh", "-c", "ls /tmp /work /dev/shm"])).output == "/dev/shm:\n\n/tmp:\n\n/work:\n"


def _sessions(children: Children) -> frozenset[int]:
    return frozenset(children._sessions)


def _left() -> set[int]:
    """Processes that run in a namespace of their own and were ours."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if SCRIPT.encode() in line and state != "Z":
                found.add(int(entry.name))
    return found


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.one_of(
            st.text(max_size=12), st.sampled_from(["../x", "/x", "a/../../x", ".git/hooks/x", "a/.GIT/config", "a/b"])
        ),
        st.text(max_size=20),
        max_size=6,
    )
)
def test_only_plain_files_below_the_tree_are_packed(tree: dict[str, str]) -> None:
    import io
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(_archive(tree))) as archive:
        for entry in archive:
            parts = entry.name.split("/")
            assert entry.isreg()
            assert not entry.name.startswith("/")
            assert ".." not in parts
            assert ".git" not in [part.lower() for part in parts]
            assert not entry.mode & (stat.S_ISUID | stat.S_ISGID)


HIVE = '[test]\ncommand = ["make", "check"]\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".hive.toml": HIVE, "pytest.ini": "[pytest]\n"}, OwnCommand(("make", "check"), ".hive.toml")),
        ({".hive.toml": "[test]\ncommand = 'rm -rf /'\n"}, None),
        ({".hive.toml": "[test]\ncommand = []\n"}, None),
        ({".hive.toml": "[test\n"}, None),
        (
            {".hive.toml": "[review]\nmax_findings = 9\n", "go.mod": "module a\n"},
            OwnCommand(("go", "test", "./..."), "go.mod"),
        ),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\n"},
            OwnCommand(("python3", "-m", "pytest", "-q"), "pyproject.toml"),
        ),
        ({"package.json": '{"scripts": {"test": "jest"}}'}, OwnCommand(("npm", "test", "--silent"), "package.json")),
        ({"package.json": '{"scripts": {"test": "echo no test specified"}}'}, None),
        ({"package.json": "{"}, None),
        ({"Makefile": "all:\n\ntest: all\n\tx\n"}, OwnCommand(("make", "test"), "Makefile")),
        ({"README.md": "test"}, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_base_says_how_tests_are_run(files: dict[str, str], expected: OwnCommand | None) -> None:
    context = tuple(SourceFile(path, text) for path, text in files.items())
    assert own_command(Snapshot("p", (), base_sha="1" * 40, context=context)) == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [(HIVE, ("make", "check")), (None, None)],
    ids=["changed", "new"],
)
def test_what_a_change_says_of_tests_counts_for_nothing(base: str | None, expected: tuple[str, ...] | None) -> None:
    evil = SourceFile(".hive.toml", '[test]\ncommand = ["sh", "evil"]\n', changed=(LineRange(1, 2),), base=base)

    command = own_command(Snapshot("p", (evil,), base_sha="1" * 40))

    assert (command.argv if command else None) == expected


def test_the_configuration_that_was_read_of_the_base_counts_before_all_else() -> None:
    snapshot = Snapshot("p", (), base_sha="1" * 40, configuration=HIVE, context=(SourceFile("go.mod", "module a\n"),))

    assert own_command(snapshot) == OwnCommand(("make", "check"), ".hive.toml")


def test_without_a_base_nothing_is_run() -> None:
    assert own_command(Snapshot("p", (SourceFile(".hive.toml", HIVE),))) is None


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert _left() == set()
