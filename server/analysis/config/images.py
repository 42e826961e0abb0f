"""What a Dockerfile makes of the image: as whom it runs."""

import re
from collections.abc import Iterator

from server.analysis.config.dockerfile import DockerFile, Instruction
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

RUNS_AS_ROOT = Rule(
    "hive.runs-as-root",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "Whoever breaks into the program is root in the container, and one mistake of the kernel away from the host.",
    250,
    in_tests=False,
    also=(269, 266, 276, 732),
    remedy="Make a user (`RUN useradd app`) and change to it (`USER app`) before CMD.",
)

_BASE = re.compile(
    r"^(?:[\w.-]+(?::\d+)?/)*(?:python|node|ruby|golang|php|openjdk|eclipse-temurin|ubuntu|debian|alpine|maven|perl)\b"
)
_KNOWN_USER = re.compile(r"nonroot|rootless|unprivileged|distroless|gosu|su-exec|setpriv|runuser|start-stop-daemon")


@check(
    RUNS_AS_ROOT,
    on=(DockerFile,),
    bad=(
        'FROM python:3.12\nCOPY . /app\nUSER root\nCMD ["python", "app.py"]\n',
        'FROM node:20 AS build\nUSER node\nFROM node:20\nCMD ["node", "server.js"]\n',
    ),
    good=(
        'FROM python:3.12\nUSER app\nCMD ["python", "app.py"]\n',
        "FROM python:3.12\nRUN pip install tool\n",
        'FROM acme/base:1\nCMD ["run"]\n',
        'FROM python:3.12\nENTRYPOINT ["gosu", "app", "run"]\n',
        'FROM node:20 AS base\nUSER node\nFROM base\nCMD ["node", "server.js"]\n',
    ),
)
def runs_as_root(file: DockerFile, _: DockerFile) -> Iterator[Hit]:
    """Once: at the USER that says so, or else where the last stage begins."""
    users: dict[str, Instruction | None] = {}
    base, user, starts = "", None, None
    stage = ""
    for instruction in file.instructions:
        if instruction.keyword == "FROM":
            words = [word for word in instruction.text.split() if not word.startswith("--")]
            base = words[0] if words else ""
            stage = words[2] if len(words) > 2 and words[1].upper() == "AS" else ""
            user, starts = users.get(base), instruction if base not in users else None
        elif instruction.keyword == "USER":
            user, starts = instruction, starts
        users[stage or base] = user
    runs = any(instruction.keyword in ("CMD", "ENTRYPOINT") for instruction in file.instructions)
    if user is not None and re.match(r"(?:root|0)(?::|$)", user.text):
        yield Hit(file.span(user), "The image runs as root")
    elif (
        user is None and starts is not None and runs and _BASE.match(base) and not _KNOWN_USER.search(file.source.text)
    ):
        yield Hit(file.span(starts), "The image runs as root: no USER is set", confidence=Confidence.LOW)


CHECKS = (runs_as_root,)
