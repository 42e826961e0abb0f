"""What a person can do about a finding at the cursor, fix it, dismiss it, reopen it; about all of a file at once; and
with lines that they selected.

Pure. The edits of a fix are made when an action is chosen (codeAction/resolve), for the version that is open then.
"""

from collections.abc import Collection

import msgspec
from lsprotocol import types

from lsp.asked import Asked, Known
from lsp.client import Client
from lsp.commands import DISMISS, REOPEN
from lsp.convert import range_of, to_diagnostic
from lsp.documents import Document
from lsp.protocol import ContentModified
from lsp.thinking import EXPLAIN, FIX, REVIEW_THOROUGHLY, REWRITE
from server.reviews.finding import Edit, Finding, Fix

FIX_ALL = "source.fixAll.hive"

_REWRITING = types.CodeActionKind.RefactorRewrite


def kinds(client: Client, offered: Collection[str]) -> list[types.CodeActionKind | str]:
    """Of the actions that there may be. *offered*: the commands that there are."""
    return [types.CodeActionKind.QuickFix, FIX_ALL, *([_REWRITING] if _rewrites(client, offered) else [])]


class FixTarget(msgspec.Struct, frozen=True):
    """Which fix an action stands for, in its `data`. *fingerprint* None: every safe one of the document."""

    uri: str
    fingerprint: str | None = None


def code_actions(asked: Asked, params: types.CodeActionParams, client: Client) -> list[types.CodeAction]:
    """Quick fixes; what fixes the whole file when an editor asks for that."""
    only = params.context.only
    if only is None or any(_includes(kind, types.CodeActionKind.QuickFix) for kind in only):
        actions = _quick_fixes(asked, params, client)
    else:
        actions = []
    if only is not None and any(_includes(kind, FIX_ALL) for kind in only):
        actions += _fix_all(asked, client)
    if only is None or any(_includes(kind, _REWRITING) for kind in only):
        actions += _rewriting(asked, params, client)
    return actions


def _quick_fixes(asked: Asked, params: types.CodeActionParams, client: Client) -> list[types.CodeAction]:
    document, findings, offered = asked.document, asked.findings, asked.offered
    actions = []
    for finding in _asked_about(findings.open, document, params):
        diagnostic = to_diagnostic(finding, document.lines, document.encoding, client.abilities, None)
        actions += _fix(finding, asked, diagnostic, client)
        actions += [
            _decision(verb, command, finding, asked, diagnostic) for verb, command in _BY_COMMAND if command in offered
        ]
    if params.context.trigger_kind != types.CodeActionTriggerKind.Automatic:
        # Not at every move of the cursor: a dismissed finding shall not light the bulb again.
        actions += [
            _decision("Reopen", REOPEN, finding, asked, None)
            for finding in _asked_about(findings.dismissed, document, params)
        ]
        if REVIEW_THOROUGHLY in offered and params.range.start.line != params.range.end.line:
            actions.append(_review_of(params.range, document))
    return actions


def _review_of(selected: types.Range, document: Document) -> types.CodeAction:
    title = "Review the selection thoroughly"
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        command=types.Command(title, REVIEW_THOROUGHLY, arguments=[document.uri, *_lines_of(selected)]),
    )


def _rewrites(client: Client, offered: Collection[str]) -> bool:
    """An editor that cannot ask what is to be done calls the command itself."""
    return client.takes_instructions and REWRITE in offered


def _rewriting(asked: Asked, params: types.CodeActionParams, client: Client) -> list[types.CodeAction]:
    """Of what somebody selected and asks about: the mere selecting shall light no bulb."""
    is_asked = params.context.trigger_kind != types.CodeActionTriggerKind.Automatic
    if not is_asked or params.range.start == params.range.end or not _rewrites(client, asked.offered):
        return []
    title = "Rewrite with Agent Hive…"
    command = types.Command(title, REWRITE, arguments=[asked.document.uri, *_lines_of(params.range)])
    return [types.CodeAction(title=title, kind=_REWRITING, command=command)]


def _lines_of(selected: types.Range) -> tuple[int, int]:
    """A selection that ends where a line begins does not mean that line."""
    start, end = selected.start, selected.end
    return start.line, end.line - (end.character == 0 and end.line > start.line)


_BY_COMMAND = (("Explain", EXPLAIN), ("Mend with a model", FIX), ("Dismiss", DISMISS))


def fix_target(action: types.CodeAction) -> FixTarget | None:
    """None for an action without edits: some editors resolve those too."""
    if action.data is None:
        return None
    try:
        return msgspec.convert(action.data, FixTarget)
    except msgspec.ValidationError as error:
        raise ContentModified("not an action of ours") from error


def resolved(action: types.CodeAction, target: FixTarget, asked: Asked) -> types.CodeAction:
    """The action with its edits, moved to where the code is now. Raises `ContentModified` when that was edited."""
    if target.fingerprint is None:
        fix = _all_safe(asked.findings)
    else:
        finding = asked.findings.get(target.fingerprint)
        fix = finding.fix if finding is not None else None
    action.edit = asked.edit(fix) if fix is not None else None
    if action.edit is None:
        raise ContentModified("the code of this fix was edited")
    return action


def _fix_all(asked: Asked, client: Client) -> list[types.CodeAction]:
    """One edit that is undone in one step; also what an editor does when it saves, so only what keeps the meaning."""
    fix = _all_safe(asked.findings)
    edit = asked.edit(fix) if fix is not None else None
    if fix is None or edit is None:
        return []
    return [
        types.CodeAction(
            title=fix.title,
            kind=FIX_ALL,
            edit=None if client.resolves_edits else edit,
            data=msgspec.to_builtins(FixTarget(asked.document.uri)),
        )
    ]


def _all_safe(findings: Known) -> Fix | None:
    """The safe fixes as one, from the top; one that reaches into another is left for the next time."""
    taken: list[Edit] = []
    fixed = 0
    for fix in sorted((f.fix for f in findings.open if f.fix is not None and f.fix.safe), key=_places):
        new = [edit for edit in fix.edits if edit not in taken or not _is_own_line(edit)]
        if not any(_meet(edit, other) for edit in new for other in taken):
            taken += new
            fixed += 1
    if not fixed:
        return None
    title = "Fix the one problem with a safe fix" if fixed == 1 else f"Fix all {fixed} problems with safe fixes"
    return Fix(title, tuple(sorted(taken, key=_start)))


def _is_own_line(edit: Edit) -> bool:
    """Two fixes may add the same import; the same parenthesis they both need."""
    is_insertion = _start(edit) == (edit.end_line, edit.end_column)
    return is_insertion and (edit.text.startswith("\n") or edit.text.endswith("\n"))


def _places(fix: Fix) -> list[tuple[int, int]]:
    return [_start(edit) for edit in fix.edits]


def _start(edit: Edit) -> tuple[int, int]:
    return edit.start_line, edit.start_column


def _meet(one: Edit, other: Edit) -> bool:
    """Touching counts: of two insertions at one place none knows which is first."""
    return _start(one) <= (other.end_line, other.end_column) and _start(other) <= (one.end_line, one.end_column)


def _fix(finding: Finding, asked: Asked, diagnostic: types.Diagnostic, client: Client) -> list[types.CodeAction]:
    fix = finding.fix
    edit = asked.edit(fix) if fix is not None else None
    if fix is None or edit is None:
        return []
    return [
        types.CodeAction(
            title=fix.title if fix.safe else f"{fix.title} (may change behaviour)",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            is_preferred=fix.safe,
            edit=None if client.resolves_edits else edit,
            data=msgspec.to_builtins(FixTarget(asked.document.uri, finding.fingerprint)),
        )
    ]


def _decision(
    verb: str, command: str, finding: Finding, asked: Asked, diagnostic: types.Diagnostic | None
) -> types.CodeAction:
    title = f"{verb}: {finding.rule}"
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic] if diagnostic else None,
        command=types.Command(title, command, arguments=[asked.decided_at, finding.fingerprint]),
    )


def _asked_about(findings: tuple[Finding, ...], document: Document, params: types.CodeActionParams) -> list[Finding]:
    """Those at the cursor, and those the editor names: some send every diagnostic of the line."""
    named = {d.data.get("fingerprint") for d in params.context.diagnostics if isinstance(d.data, dict)}
    return [
        finding
        for finding in findings
        if finding.fingerprint in named or _overlap(range_of(document.lines, finding, document.encoding), params.range)
    ]


def _overlap(one: types.Range, other: types.Range) -> bool:
    """Touching counts: the cursor stands at an end."""
    return one.start <= other.end and other.start <= one.end


def _includes(asked: types.CodeActionKind | str, kind: types.CodeActionKind | str) -> bool:
    """Kinds are hierarchical: `source` includes `source.fixAll.hive`, and "" includes all."""
    value, ours = (one.value if isinstance(one, types.CodeActionKind) else one for one in (asked, kind))
    return value in ("", ours) or ours.startswith(f"{value}.")
