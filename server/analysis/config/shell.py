"""What goes wrong in shell scripts: a path that is empty, a file that others made first, text that is run.

Line by line, for there are as many shells as scripts. Which tools the commands call badly: `commands.py`.
"""

import re
from collections.abc import Iterator

from server.analysis.config.commands import RUN_FROM_NETWORK
from server.analysis.config.script import ScriptFile
from server.analysis.python.files import KNOWN_TEMPORARY_NAME
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import SHELL_COMMAND
from server.analysis.source import Source
from server.reviews.finding import Confidence, Severity

EMPTY_PATH = Rule(
    "hive.shell-empty-path",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "When the variable is not set, the command deletes what lies below the root, or wherever the script happens to be.",
    cwe=73,
    also=(20, 457),
    remedy='Write `"${NAME:?}/..."`, which stops the script when it is empty; `set -u` stops it when it is not set.',
    in_tests=False,
)
REDIRECTED_COMPARISON = Rule(
    "hive.shell-redirected-comparison",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.HIGH,
    "`[` is a command: `>` sends its output to a file of that name, and nothing is compared.",
    remedy="Compare numbers by -gt and -lt, or within (( )); texts within [[ ]].",
)


def _lines(source: Source, *hints: str) -> Iterator[tuple[int, str]]:
    """Commands that hold one of the hints, by line."""
    if any(hint in source.text for hint in hints):
        for number, line in enumerate(source.lines, 1):
            if any(hint in line for hint in hints) and len(line) < 2_000 and not line.lstrip().startswith("#"):
                yield number, line


_NAME = r"\$(?:\w+|\{\w+\})"
_DELETES = re.compile(
    rf"(?:^|[\s;&|(])rm\s+(?:-\w+\s+)*-\w*[rR]\w*\s+(?:-\w+\s+|--\s+)*(?:\"(?P<quoted>{_NAME})/[^\"\s]*\"?|(?P<plain>{_NAME})\"?/\S*)"
)
_STRICT = re.compile(r"^\s*set\s+-\w*u|^\s*set\s+-o\s+nounset|^#!.*\s-\w*u", re.MULTILINE)


@check(
    EMPTY_PATH,
    on=(ScriptFile,),
    bad=('rm -rf "$BUILD/"\n', "rm -rf $DIR/*\n", 'sudo rm -fr "${PREFIX}/lib"\n'),
    good=(
        'rm -rf "${BUILD:?}/"\n',
        'set -euo pipefail\nrm -rf "$BUILD/"\n',
        'BUILD=/tmp/build\nrm -rf "$BUILD/"\n',
        'rm -rf "$BUILD"\n',
        'rm -f "$BUILD/a.txt"\n',
        'BUILD=$(mktemp -d)\nrm -rf "$BUILD/x"\n',
        'if [ -n "$BUILD" ]; then\n  rm -rf "$BUILD/"\nfi\n',
        'rm -rf "$HOME/.cache/tool"\n',
    ),
)
def empty_path(file: ScriptFile, _: ScriptFile) -> Iterator[Hit]:
    """Not of what the script sets or asks about, nor of what every login sets."""
    text = file.source.text
    if _STRICT.search(text):
        return
    for number, line in _lines(file.source, "rm "):
        found = _DELETES.search(line)
        if found is None:
            continue
        name = (found["quoted"] or found["plain"]).strip("${}")
        if name not in _ALWAYS_SET and not _is_settled(name, text):
            yield Hit(file.source.line_span(number), f"Where {name} is empty, this deletes from the root on")


_ALWAYS_SET = frozenset({"HOME", "PWD", "OLDPWD", "USER", "RUNNER_TEMP", "GITHUB_WORKSPACE", "TMPDIR", "BASH_SOURCE"})


def _is_settled(name: str, text: str) -> bool:
    return (
        re.search(
            rf"\b{name}=(?![\"']?(?:\$\{{?[1-9@*]|[\"']?\s*$))|\bfor\s+{name}\s+in\b|\[\[?[^\]\n]*\$\{{?{name}\b|\$\{{{name}:[?]",
            text,
            re.MULTILINE,
        )
        is not None
    )


_TEMPORARY = re.compile(
    r"(?:>>?|\btee(?:\s+-a)?|-o|=)\s*[\"']?/(?:var/)?tmp/[\w.-]*\$(?:\$|\{?(?:RANDOM|USER|BASHPID)\b)[\w.$-]*"
)


@check(
    KNOWN_TEMPORARY_NAME,
    on=(ScriptFile,),
    bad=("out=/tmp/report.$$\n", "sort a > /tmp/sorted-$$.txt\n", 'LOG="/tmp/build.$RANDOM"\n'),
    good=("out=$(mktemp)\n", "out=$(mktemp /tmp/report.XXXXXX)\n", "echo /tmp/$$\n", "# x > /tmp/a.$$\n"),
)
def temp_name(file: ScriptFile, _: ScriptFile) -> Iterator[Hit]:
    for number, line in _lines(file.source, "tmp/"):
        if "mktemp" not in line and _TEMPORARY.search(line):
            yield Hit(file.source.line_span(number), "The name of the temporary file can be guessed")


_COMPARED = re.compile(
    r"(?:^|[\s;!])(?:if|while|until|&&|\|\||elif)?\s*\[\s+(?!\[)(?:[^\]\n\"']|\"[^\"\n]*\"|'[^'\n]*')*?\s(?P<sign><|>)\s+(?!&)\S+\s+\]"
)


@check(
    REDIRECTED_COMPARISON,
    on=(ScriptFile,),
    bad=('if [ "$count" > 3 ]; then\n  exit 1\nfi\n', "while [ $n < 10 ]; do n=$((n+1)); done\n"),
    good=(
        'if [ "$count" -gt 3 ]; then exit 1; fi\n',
        'if [[ "$a" > "$b" ]]; then exit 1; fi\n',
        'if [ "$a" \\> "$b" ]; then exit 1; fi\n',
        'if [ "$a" = ">" ]; then exit 1; fi\n',
        "(( n > 3 )) && exit 1\n",
    ),
)
def redirected_comparison(file: ScriptFile, _: ScriptFile) -> Iterator[Hit]:
    for number, line in _lines(file.source, "[ "):
        if _COMPARED.search(line):
            yield Hit(file.source.line_span(number), "This writes a file instead of comparing")


_GIVEN = r"\$\{?[1-9@*]\}?"
_RUN = re.compile(
    rf"(?:^|[\s;&|])(?:eval\s+[\"']?(?:\w+=)?{_GIVEN}(?!=)|(?:ba|da|z|k)?sh\s+(?:-\w+\s+)*-\w*c\s+\"[^\"\n]*[^\"\n\s]\s?{_GIVEN}[^\"\n]*\"|su\s+[^\n;|&]{{0,80}}-c\s+\"[^\"\n]*{_GIVEN}[^\"\n]*\")"
)


@check(
    SHELL_COMMAND,
    on=(ScriptFile,),
    bad=('eval "$1"\n', "eval $@\n", 'bash -c "make $1"\n', 'su app -c "deploy $1"\n'),
    good=('"$@"\n', 'bash -c \'make "$1"\' _ "$1"\n', 'exec "$1"\n', 'sh -c "make all"\n', '# eval "$1"\n'),
)
def evaluated_argument(file: ScriptFile, _: ScriptFile) -> Iterator[Hit]:
    for number, line in _lines(file.source, "eval ", "sh ", "su "):
        if _RUN.search(line):
            yield Hit(
                file.source.line_span(number),
                "An argument of the script is read as a command",
                severity=Severity.MEDIUM,
                confidence=Confidence.LOW,
            )


_FROM_NETWORK = re.compile(
    r"(?:^|[\s;&|])(?:(?:ba|da|z)?sh|source|\.)\s+(?:-\w+\s+)*<\(\s*(?:curl|wget)\b|(?:\beval\s+[\"']?|\bsh\s+(?:-\w+\s+)*-\w*c\s+[\"']?)\$\((?:curl|wget)\b"
)


@check(
    RUN_FROM_NETWORK,
    on=(ScriptFile,),
    bad=(
        "bash <(curl -sL https://get.acme.io/install.sh)\n",
        'sh -c "$(curl -fsSL https://get.acme.io/install.sh)"\n',
        'eval "$(wget -qO- https://get.acme.io/env)"\n',
    ),
    good=("diff <(curl -s https://a.io/x) x\n", 'version="$(curl -s https://a.io/version)"\n'),
)
def fetched_and_run(file: ScriptFile, _: ScriptFile) -> Iterator[Hit]:
    for number, line in _lines(file.source, "curl", "wget"):
        if _FROM_NETWORK.search(line):
            yield Hit(file.source.line_span(number), "A script is fetched and run at once")


CHECKS = (empty_path, temp_name, redirected_comparison, evaluated_argument, fetched_and_run)
