"""What a person can do about a finding at the cursor: fix it, dismiss it, reopen it.

Pure. The edits of a fix are made when an action is chosen (codeAction/resolve), for the version that is open then.
"""

from collections.abc import Collection

import msgspec
from lsprotocol import types

from lsp.client import Client
from lsp.commands import DISMISS, REOPEN
from lsp.convert import range_of, to_diagnostic, to_workspace_edit
from lsp.diagnostics import DocumentFindings
from lsp.documents import Document
from lsp.protocol import ContentModified
from lsp.thinking import EXPLAIN, FIX
from server.reviews.finding import Finding


class FixTarget(msgspec.Struct, frozen=True):
    """Which fix an action stands for, in its `data`."""

    uri: str
    fingerprint: str


def code_actions(
    document: Document,
    findings: DocumentFindings,
    params: types.CodeActionParams,
    client: Client,
    offered: Collection[str],
) -> list[types.CodeAction]:
    """Only quick fixes, so nothing when the editor asks for another kind. *offered*: the commands that there are."""
    only = params.context.only
    if only is not None and not any(_includes(kind, types.CodeActionKind.QuickFix) for kind in only):
        return []
    actions = []
    for finding in _asked_about(findings.open, document, params):
        diagnostic = to_diagnostic(finding, document.lines, document.encoding, client.abilities, None)
        if finding.fix is not None:
            actions.append(_fix(finding, document, diagnostic, client))
        actions += [
            _decision(verb, command, finding, document, diagnostic)
            for verb, command in _BY_COMMAND
            if command in offered
        ]
    if params.context.trigger_kind != types.CodeActionTriggerKind.Automatic:
        # Not at every move of the cursor: a dismissed finding shall not light the bulb again.
        actions += [
            _decision("Reopen", REOPEN, finding, document, None)
            for finding in _asked_about(findings.dismissed, document, params)
        ]
    return actions


_BY_COMMAND = (("Explain", EXPLAIN), ("Mend with a model", FIX), ("Dismiss", DISMISS))


def fix_target(action: types.CodeAction) -> FixTarget | None:
    """None for an action without edits: some editors resolve those too."""
    if action.data is None:
        return None
    try:
        return msgspec.convert(action.data, FixTarget)
    except msgspec.ValidationError as error:
        raise ContentModified("not an action of ours") from error


def resolved(
    action: types.CodeAction, target: FixTarget, document: Document, findings: DocumentFindings, client: Client
) -> types.CodeAction:
    """The action with its edits, moved to where the code is now. Raises `ContentModified` when that was edited."""
    finding = findings.get(target.fingerprint)
    if finding is None or finding.fix is None:
        raise ContentModified("the code of this fix was edited")
    action.edit = _edit(finding, document, client)
    return action


def _fix(finding: Finding, document: Document, diagnostic: types.Diagnostic, client: Client) -> types.CodeAction:
    assert finding.fix is not None
    return types.CodeAction(
        title=finding.fix.title if finding.fix.safe else f"{finding.fix.title} (may change behaviour)",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        is_preferred=finding.fix.safe,
        edit=None if client.resolves_edits else _edit(finding, document, client),
        data=msgspec.to_builtins(FixTarget(document.uri, finding.fingerprint)),
    )


def _edit(finding: Finding, document: Document, client: Client) -> types.WorkspaceEdit:
    assert finding.fix is not None
    return to_workspace_edit(
        finding.fix, document.uri, document.version, document.lines, document.encoding, client.abilities
    )


def _decision(
    verb: str, command: str, finding: Finding, document: Document, diagnostic: types.Diagnostic | None
) -> types.CodeAction:
    title = f"{verb}: {finding.rule}"
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic] if diagnostic else None,
        command=types.Command(title, command, arguments=[document.uri, finding.fingerprint]),
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


def _includes(asked: types.CodeActionKind | str, kind: types.CodeActionKind) -> bool:
    """Kinds are hierarchical: `quickfix` includes `quickfix.x`, and "" includes all."""
    value = asked.value if isinstance(asked, types.CodeActionKind) else asked
    return value in ("", kind.value)
