"""What stands above the code: review this file, explain this finding, who calls this function. Pure.

Where findings and functions are is known at once, so no lens goes while somebody types; which command it runs, when it
is drawn.
"""

from collections.abc import Collection, Mapping

import msgspec
from lsprotocol import types

from lsp.callers import SHOW_CALLERS, callers_of, within
from lsp.commands import REVIEW
from lsp.convert import range_of
from lsp.protocol import ContentModified
from lsp.reviewing import Reviewing
from lsp.thinking import EXPLAIN, REVIEW_THOROUGHLY

_TITLES = {REVIEW: "Review this file", REVIEW_THOROUGHLY: "Review thoroughly", EXPLAIN: "Explain"}


class LensTarget(msgspec.Struct, frozen=True):
    """What a lens is for, in its `data`: the whole file, a finding (*fingerprint*), or a function (*name*, *line*)."""

    uri: str
    command: str
    fingerprint: str = ""
    rule: str = ""
    name: str = ""
    line: int = 0


def lenses(reviewing: Reviewing, offered: Collection[str]) -> list[types.CodeLens]:
    """*offered*: the commands that there are."""
    document = reviewing.document
    top = types.Range(types.Position(0, 0), types.Position(0, 0))
    whole = [
        _lens(top, LensTarget(document.uri, command)) for command in (REVIEW, REVIEW_THOROUGHLY) if command in offered
    ]
    if SHOW_CALLERS in offered:
        whole += [
            _lens(
                types.Range(types.Position(one.line - 1, 0), types.Position(one.line - 1, 0)),
                LensTarget(document.uri, SHOW_CALLERS, name=one.name, line=one.line),
            )
            for one in reviewing.called.functions
        ]
    if EXPLAIN not in offered:
        return whole
    return whole + [
        _lens(
            range_of(document.lines, finding, document.encoding),
            LensTarget(document.uri, EXPLAIN, finding.fingerprint, finding.rule),
        )
        for finding in reviewing.findings.open
    ]


def resolved(lens: types.CodeLens, documents: Mapping[str, Reviewing]) -> types.CodeLens:
    try:
        target = msgspec.convert(lens.data, LensTarget)
        lens.command = _callers(target, documents) if target.command == SHOW_CALLERS else _command(target)
    except (msgspec.ValidationError, KeyError) as error:
        raise ContentModified("not a lens of ours") from error
    return lens


def _command(target: LensTarget) -> types.Command:
    arguments = [target.uri, target.fingerprint] if target.fingerprint else [target.uri]
    about = f": {target.rule}" if target.fingerprint else ""
    return types.Command(_TITLES[target.command] + about, target.command, arguments=arguments)


def _callers(target: LensTarget, documents: Mapping[str, Reviewing]) -> types.Command:
    here = documents[target.uri].called
    called = here.find(target.name, target.line)
    if called is None:
        raise ContentModified("the function is gone")
    arguments = [target.uri, called.name, called.line]
    return types.Command(callers_of(called), target.command, within(here.files), arguments)


def _lens(range_: types.Range, target: LensTarget) -> types.CodeLens:
    return types.CodeLens(range_, data=msgspec.to_builtins(target))
