"""`hive` from end to end: real commands, a real hub that they start, real repositories."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import msgspec
import pytest
from jsonschema import Draft202012Validator

from server.reviews.snapshot import Report
from tests.cli.hive import Hive, a_hive, watching
from tests.cli.repository import Repository

pytestmark = pytest.mark.journey  # whole hubs: a minute of a quiet machine

BUGGY = """\
import subprocess

PASSWORD = "correct-horse-battery-staple-9f8e7d6c"


def run(command, seen=[]):
    seen.append(command)
    try:
        return subprocess.run(command, shell=True)
    except:
        pass
"""
CLEAN = "def double(number: int) -> int:\n    return number * 2\n"


@pytest.fixture(scope="module")
def hive() -> Iterator[Hive]:
    with a_hive() as hive:
        yield hive


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "hive")


def report_of(hive: Hive, *argv: str, cwd: Path) -> Report:
    done = hive.run("review", *argv, "--format", "json", cwd=cwd)
    assert done.stdout, done.stderr
    return msgspec.json.decode(done.stdout, type=Report)


def fingerprints(report: Report) -> set[str]:
    return {finding.fingerprint for finding in report.findings}


class TestReview:
    def test_a_person_types_hive_review_and_sees_what_is_wrong(self, repository: Repository) -> None:
        repository.commit(clean=CLEAN)
        repository.write("buggy.py", BUGGY)

        with a_hive() as hive:
            first = hive.run("review", cwd=repository.root)
            second = hive.run("review", cwd=repository.root)

        assert first.returncode == 1, first.stderr
        assert first.stdout.startswith("buggy.py\n")
        assert re.search(r"\d+ findings: .*\nreviewed uncommitted changes, 1 file\n$", first.stdout)
        assert "starting a hub" in first.stderr
        assert (second.returncode, second.stdout, second.stderr) == (1, first.stdout, "")

    def test_the_same_code_has_the_same_fingerprints_however_it_is_reviewed(
        self, hive: Hive, repository: Repository
    ) -> None:
        repository.commit(clean=CLEAN)
        repository.write("buggy.py", BUGGY)

        uncommitted = fingerprints(report_of(hive, cwd=repository.root))
        as_file = fingerprints(report_of(hive, "buggy.py", cwd=repository.root))
        repository.commit("Add bugs")
        last_commit = fingerprints(report_of(hive, cwd=repository.root))
        whole = fingerprints(report_of(hive, "--all", cwd=repository.root))
        repository.write("buggy.py", "# A comment\n\n" + BUGGY)
        moved = fingerprints(report_of(hive, "--base", "HEAD~1", cwd=repository.root))

        assert uncommitted
        assert uncommitted == as_file == last_commit == whole == moved

    def test_only_changed_lines_count(self, hive: Hive, repository: Repository) -> None:
        repository.commit(buggy=BUGGY)
        repository.write("buggy.py", BUGGY + "\n\nOTHER = 1\n")

        assert report_of(hive, cwd=repository.root).findings == ()

    @pytest.mark.parametrize(("fail_on", "code"), [("low", 1), ("high", 1), ("never", 0)])
    def test_the_exit_code_is_what_fail_on_says(
        self, hive: Hive, repository: Repository, fail_on: str, code: int
    ) -> None:
        repository.commit(buggy=BUGGY)

        assert hive.run("review", "--fail-on", fail_on, cwd=repository.root).returncode == code

    def test_what_is_known_is_told_no_more(self, hive: Hive, repository: Repository, tmp_path: Path) -> None:
        repository.commit(buggy=BUGGY)
        baseline = str(tmp_path / "known.json")

        written = hive.run("review", "--write-baseline", baseline, cwd=repository.root)
        quiet = hive.run("review", "--baseline", baseline, cwd=repository.root)

        assert (written.returncode, quiet.returncode) == (0, 0), written.stderr + quiet.stderr
        assert "known findings are left out" in quiet.stderr
        assert report_of(hive, "--baseline", baseline, cwd=repository.root).findings == ()

    def test_what_another_tool_says_stands_beside(self, hive: Hive, repository: Repository, tmp_path: Path) -> None:
        repository.commit(buggy=BUGGY)
        said = tmp_path / "checkstyle.xml"
        said.write_text(
            '<checkstyle><file name="buggy.py"><error line="1" message="Hm" source="lint.odd"/></file></checkstyle>'
        )

        report = report_of(hive, "--import", str(said), cwd=repository.root)

        assert [finding.message for finding in report.findings if finding.rule == "lint.odd"] == ["Hm"]

    def test_clean_code_is_praised(self, hive: Hive, repository: Repository) -> None:
        repository.commit("Double", clean=CLEAN)

        done = hive.run("review", "--fail-on", "low", cwd=repository.root)

        assert done.returncode == 0
        assert re.fullmatch(r"✓ No findings\nreviewed commit [0-9a-f]{7} “Double”, 1 file\n", done.stdout)

    def test_a_plain_folder_needs_no_git(self, hive: Hive, tmp_path: Path) -> None:
        (tmp_path / "buggy.py").write_text(BUGGY)
        (tmp_path / "logo.png").write_bytes(b"\0")

        report = report_of(hive, str(tmp_path), cwd=Path("/"))

        assert report.findings
        assert report.coverage.full == ("buggy.py",)
        assert [(file.path, file.reason) for file in report.coverage.skipped] == [("logo.png", "binary")]

    def test_sarif_is_valid_and_goes_into_a_file(self, hive: Hive, repository: Repository, tmp_path: Path) -> None:
        repository.commit(buggy=BUGGY)
        schema = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_text())

        done = hive.run("review", "--format", "sarif", "--output", str(tmp_path / "out.sarif"), cwd=repository.root)

        assert (done.returncode, done.stdout) == (1, "")
        log = json.loads((tmp_path / "out.sarif").read_text())
        Draft202012Validator(schema).validate(log)
        assert len(log["runs"][0]["results"]) == len(report_of(hive, cwd=repository.root).findings)

    def test_a_table_goes_into_a_file_without_colours(self, hive: Hive, repository: Repository, tmp_path: Path) -> None:
        repository.commit(buggy=BUGGY)

        hive.run("review", "--output", str(tmp_path / "out.txt"), cwd=repository.root, FORCE_COLOR="1")

        assert (tmp_path / "out.txt").read_text().startswith("buggy.py\n")
        assert "\x1b" not in (tmp_path / "out.txt").read_text()

    def test_dismissed_in_one_place_is_dismissed_here_until_reopened(self, hive: Hive, repository: Repository) -> None:
        repository.commit(buggy=BUGGY)
        found = report_of(hive, cwd=repository.root)
        project = hive.json("jobs", "list")[0]["project"]

        for finding in found.findings:
            decide(hive, project, finding.fingerprint, "dismiss")
        dismissed = hive.run("review", "--fail-on", "low", cwd=repository.root)
        decide(hive, project, found.findings[0].fingerprint, "reopen")
        reopened = hive.run("review", "--fail-on", "low", cwd=repository.root)

        assert dismissed.returncode == 0
        assert dismissed.stdout.startswith(f"✓ No findings, {len(found.findings)} dismissed\n")
        assert reopened.returncode == 1
        assert f"1 finding: 1 {found.findings[0].severity}, " in reopened.stdout

    def test_three_thousand_files(self, hive: Hive, tmp_path: Path) -> None:
        for number in range(3000):
            (tmp_path / f"module_{number}.py").write_text(f"value_{number} = {number}\n")
        (tmp_path / "module_1234.py").write_text(BUGGY)

        report = report_of(hive, str(tmp_path), cwd=Path("/"))

        assert len(report.coverage.full) == 3000
        assert {finding.path for finding in report.findings} == {"module_1234.py"}

    def test_nothing_of_the_folder_is_imported(self, repository: Repository) -> None:
        for name in ("server/__main__.py", "server/__init__.py", "click.py", "asyncio.py", "sitecustomize.py"):
            repository.write(name, "raise SystemExit('owned')\n")

        with a_hive() as hive:
            done = hive.run("review", "--all", cwd=repository.root)

        assert "owned" not in done.stderr
        assert "reviewed all files, 5 files" in done.stdout

    def test_a_reader_that_has_seen_enough(self, hive: Hive, repository: Repository) -> None:
        repository.commit(buggy=BUGGY)

        with hive.popen("review", cwd=repository.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            said = process.stderr.read()

        assert b"Traceback" not in said


def decide(hive: Hive, project: str, fingerprint: str, decision: str) -> None:
    hub = hive.hub
    address = f"{hub.url}/api/v1/findings/{fingerprint}/{decision}?project={project}"
    headers = {"Authorization": f"Bearer {hub.token}", "Content-Type": "application/json"}
    with urlopen(Request(address, b'{"why": "a test"}', headers)) as answer:
        assert answer.status == 200


def no_commits(root: Path) -> None:
    Repository(root)


def a_commit(root: Path) -> None:
    Repository(root).commit(a="a = 1\n")


def huge(root: Path) -> None:
    (root / "huge.py").write_bytes(b"x = 1\n" * 2_000_000)


def binary(root: Path) -> None:
    (root / "a.bin").write_bytes(b"\0\1")


def nothing(root: Path) -> None:
    pass


BAD_INPUT = [
    ("no such path", nothing, ["review", "nowhere"], "cannot review 'nowhere': No such file or directory"),
    ("no commits", no_commits, ["review"], "the repository has no commits yet"),
    ("no such base", a_commit, ["review", "--base", "nonsense"], "there is no commit 'nonsense'"),
    ("a base that is an option", a_commit, ["review", "--base=--output=x"], "'--output=x' is not a revision"),
    ("a base without git", nothing, ["review", "--base", "main"], "is not in a git repository"),
    ("--all with --base", a_commit, ["review", "--all", "--base", "main"], "--all goes with neither"),
    ("a file of 10 MB", huge, ["review", "huge.py"], "'huge.py' cannot be reviewed: larger than 2 MiB"),
    ("a binary file", binary, ["review", "a.bin"], "'a.bin' cannot be reviewed: binary"),
    ("a device", nothing, ["review", "/dev/null"], "neither a file nor a folder"),
    ("no folder to write to", a_commit, ["review", "--output", "no/such/out.sarif"], "there is no folder"),
    ("an unknown job", nothing, ["jobs", "show", "0199aaaa-0000-7000-8000-000000000001"], "there is no job"),
    ("not a job's id", nothing, ["jobs", "show", "../keys"], "a job's id is a UUID"),
    ("a dead letter that is not", nothing, ["dead", "show", "nonsense"], "there is no dead letter nonsense"),
    ("an unknown key", nothing, ["keys", "revoke", "nonsense"], "there is no key nonsense"),
    ("an empty name of a key", nothing, ["keys", "create", ""], "a key needs a name of 1 to 100 printable characters"),
    ("a key of no project", nothing, ["keys", "create", "x", "--project", "nonsense"], "'nonsense' is not a project's"),
    ("a hint at a project", nothing, ["keys", "create", "x", "--project", ""], "named like github.com/owner/repo"),
]


@pytest.mark.parametrize(("prepare", "argv", "message"), [c[1:] for c in BAD_INPUT], ids=[c[0] for c in BAD_INPUT])
def test_wrong_input_is_answered_with_what_is_wrong(
    hive: Hive, tmp_path: Path, prepare: Callable[[Path], None], argv: list[str], message: str
) -> None:
    hive.run("review", str(Path(__file__)))
    prepare(tmp_path)

    done = hive.run(*argv, cwd=tmp_path)

    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


USAGE = [
    ["nonsense"],
    ["review", "--format", "xml"],
    ["review", "a", "b"],
    ["keys", "create"],
    ["keys", "create", "x", "--scope", "root"],
    ["keys", "create", "x", "--expires-in", "soon"],
    ["jobs", "list", "--limit", "0"],
    ["dead", "retry"],
    ["jobs", "--json", "show", "x"],
]


@pytest.mark.parametrize("argv", USAGE, ids=" ".join)
def test_wrong_usage_is_explained(hive: Hive, argv: list[str]) -> None:
    done = hive.run(*argv)

    assert done.returncode == 2
    assert "Usage: hive" in done.stderr


@pytest.mark.parametrize("argv", [["jobs"], ["dead"], ["keys"], ["jobs", "wait", "x"]], ids=" ".join)
def test_without_a_hub_a_command_says_how_to_start_one(tmp_path: Path, argv: list[str]) -> None:
    done = Hive(tmp_path).run(*argv)

    assert done.returncode == 3
    assert done.stderr == f"error: no hub runs on {tmp_path}\nhint:  start one with: hive up\n"


def test_a_hub_that_cannot_start_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CLEAN)

    done = Hive(tmp_path / "data").run("review", "a.py", cwd=tmp_path, HIVE_HTTP="nonsense")

    assert done.returncode == 3
    assert "error: the hub ended while starting: " in done.stderr
    assert "HIVE_HTTP" in done.stderr
    assert "Traceback" not in done.stderr


class TestJobs:
    def test_a_review_is_a_job_to_look_at(self, hive: Hive, repository: Repository) -> None:
        repository.commit(buggy=BUGGY)
        report = report_of(hive, cwd=repository.root)

        job = hive.json("jobs", "list", "--kind", "review", "--limit", "1")[0]

        assert job["state"] == "succeeded"
        assert hive.json("jobs", "show", job["id"]) == hive.json("jobs", "wait", job["id"]) == job
        assert msgspec.convert(hive.json("jobs", "show", job["id"], "--result"), Report) == report
        shown = hive.run("jobs", "show", job["id"]).stdout
        assert re.search(rf"^id +{job['id']} *$", shown, re.M)
        assert re.search(r"^state +succeeded *$", shown, re.M)
        assert job["id"] in hive.run("jobs").stdout

    def test_a_job_that_has_ended_cannot_be_cancelled(self, hive: Hive, repository: Repository) -> None:
        repository.commit(buggy=BUGGY)
        report_of(hive, cwd=repository.root)
        job = hive.json("jobs", "list", "--limit", "1")[0]

        done = hive.run("jobs", "cancel", job["id"])

        assert (done.returncode, done.stderr) == (2, "error: the job has already ended: it is succeeded\n")


class TestKeys:
    def test_a_key_is_printed_once_works_and_is_refused_when_revoked(self, hive: Hive) -> None:
        hive.run("review", str(Path(__file__)))
        made = hive.run("keys", "create", "ci", "--scope", "read", "--expires-in", "90d")
        token = made.stdout.strip()
        listed = next(key for key in hive.json("keys", "list") if key["name"] == "ci")
        from_afar = {"HIVE_URL": hive.hub.url, "HIVE_TOKEN": token}

        allowed = hive.run("jobs", **from_afar)
        too_much = hive.run("keys", **from_afar)
        hive.run("keys", "revoke", listed["id"])
        refused = hive.run("jobs", **from_afar)

        assert token.startswith("hive_")
        assert "cannot be shown again" in made.stderr
        assert allowed.returncode == 0
        assert (too_much.returncode, refused.returncode) == (3, 3)
        assert "needs the scope admin" in too_much.stderr
        assert "revoked" in refused.stderr
        assert "revoked" in hive.run("keys").stdout
        assert token not in hive.run("keys", "--json").stdout + hive.run("keys").stdout


@pytest.mark.parametrize("command", ["jobs", "dead", "keys"])
def test_without_a_command_a_list_is_json_too(hive: Hive, command: str) -> None:
    assert isinstance(hive.json(command), list)


def test_there_are_no_dead_letters(hive: Hive) -> None:
    hive.run("review", str(Path(__file__)))

    assert hive.run("dead").stdout == "no dead letters\n"
    assert hive.json("dead", "list") == []


def test_the_first_key_waits_for_a_start_that_works_and_shows_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CLEAN)
    with a_hive() as hive, socket.create_server(("127.0.0.1", 0)) as taken:
        refused = hive.run("up", HIVE_HTTP=f"127.0.0.1:{taken.getsockname()[1]}")
        unseen = hive.run("review", str(tmp_path))
        hive.run("down")
        hub = hive.popen("up", "--no-review", stdout=subprocess.PIPE)
        assert hub.stdout is not None
        said = "".join(iter(lambda: hub.stdout.readline().decode(), "Ctrl-C stops the hub.\n"))  # type: ignore[union-attr]
        hub.terminate()
        hub.communicate(timeout=30)

    assert (refused.returncode, unseen.returncode) == (3, 0)
    assert "Admin API key  hive_" in said


def test_two_at_once_start_one_hub(repository: Repository) -> None:
    repository.commit(buggy=BUGGY)
    with a_hive() as hive:
        both = [hive.popen("review", cwd=repository.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in "12"]
        said = [process.communicate(timeout=90) for process in both]

        assert [process.returncode for process in both] == [1, 1]
        assert sum(b"starting a hub" in stderr for _, stderr in said) == 1
        assert len(hive.json("jobs", "list", "--kind", "review")) == 2


def test_a_hub_in_the_background_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CLEAN)
    with a_hive() as hive:
        hive.run("review", "a.py", cwd=tmp_path)

        stopped = hive.run("down")
        again = hive.run("down")

        assert (stopped.returncode, stopped.stdout) == (0, f"stopped the hub in {hive.data_dir}\n")
        assert (again.returncode, again.stdout) == (0, f"no hub runs on {hive.data_dir}\n")
        assert hive.run("jobs").returncode == 3


def test_ctrl_c_cancels_the_job(hive: Hive, repository: Repository) -> None:
    repository.commit(buggy=BUGGY)
    hive.run("review", cwd=repository.root)
    agents = hive.agents()
    for agent in agents:
        os.kill(agent, signal.SIGSTOP)
    try:
        ours, theirs = pty.openpty()
        process = hive.popen("review", cwd=repository.root, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        seen = b""
        while b"waiting for the review" not in seen:
            seen += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
        job = hive.json("jobs", "list", "--limit", "1")[0]
        ended = hive.json("jobs", "wait", job["id"])
    finally:
        for agent in agents:
            os.kill(agent, signal.SIGCONT)
        os.close(ours)

    assert agents
    assert code == 130
    assert ended["state"] == "cancelled"


def test_a_review_outlives_the_hub(repository: Repository) -> None:
    repository.commit(buggy=BUGGY)
    with a_hive() as hive:
        hive.run("review", cwd=repository.root)
        orphans = hive.agents()
        for agent in orphans:
            os.kill(agent, signal.SIGSTOP)
        process = hive.popen("review", cwd=repository.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while len(hive.json("jobs", "list", "--kind", "review")) < 2:
            pass
        with watching(hive.hub.pid) as ended:
            os.kill(hive.hub.pid, signal.SIGKILL)
            ended()
        for agent in orphans:
            os.kill(agent, signal.SIGKILL)

        stdout, stderr = process.communicate(timeout=90)

        assert process.returncode == 1, stderr
        assert stdout.startswith(b"buggy.py\n")
