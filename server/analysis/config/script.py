"""A shell script, line by line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from server.analysis.config.commands import CommandLines
from server.analysis.rule import Hit, check
from server.analysis.rules import SHELL_COMMAND
from server.analysis.source import Source
from server.reviews.finding import Confidence, Severity


@dataclass(frozen=True)
class ScriptFile:
    source: Source

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        return cls(source)

    def nodes(self, kind: Any) -> "Sequence[ScriptFile]":
        return (self,) if kind in (ScriptFile, CommandLines) else ()


_EVALUATED = re.compile(
    r"(?:^|[\s;&|])eval\s+(?:\"[^\"$`\n]{0,200}[^\"$`\n]\s?\$\{?\w|(?!set\s)[\w./-]+\s[^\n;|&]{0,100}\$\{?\w)"
)


@check(
    SHELL_COMMAND,
    on=(ScriptFile,),
    bad=('eval "git checkout $BRANCH"\n', "eval git log $RANGE\n"),
    good=(
        'eval "$(ssh-agent -s)"\n',
        'git checkout "$BRANCH"\n',
        '# eval "git checkout $BRANCH"\n',
        'eval "$command"\n',
        'eval set -- "$OPTIONS"\n',
    ),
)
def evaluated_text(file: ScriptFile, _: ScriptFile) -> Iterator[Hit]:
    """A command put together with a value; not one that another program printed to be evaluated."""
    for number, line in enumerate(file.source.lines, 1) if "eval" in file.source.text else ():
        if len(line) < 2_000 and not line.lstrip().startswith("#") and _EVALUATED.search(line):
            yield Hit(
                file.source.line_span(number),
                "eval reads the value as a command",
                severity=Severity.MEDIUM,
                confidence=Confidence.LOW,
            )


CHECKS = (evaluated_text,)
