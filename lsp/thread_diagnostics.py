"""Threads of a pull request among the diagnostics, for editors that cannot draw them: a `screen.Display` before one.

What is resolved is not shown. Nor is, in a document that is open, a thread about a finding of the rules: they have read
the document as it is now, and show the finding itself, unless it is fixed or dismissed.
"""

from collections.abc import Sequence

from lsprotocol import types

from lsp.convert import SOURCE, without_links
from lsp.messages import PullRequestTold, ThreadTold
from lsp.screen import Display
from server.reviews.rounds import spoken_of

MAX_MESSAGE = 1_000


class ThreadDiagnostics:
    def __init__(self, display: Display) -> None:
        self._display = display
        self._found: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self._threads: dict[str, dict[str, list[types.Diagnostic]]] = {}
        """By root, then by URI."""

    def show(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self._found[uri] = version, diagnostics
        self._show(uri)

    def forget(self, uri: str) -> None:
        """The document was closed; its threads stay."""
        self._found.pop(uri, None)
        self._display.forget(uri)
        if self._of(uri):
            self._show(uri)

    def told(self, pull_request: PullRequestTold) -> None:
        before = self._threads.pop(pull_request.root_uri, {})
        now: dict[str, list[types.Diagnostic]] = {}
        for thread in pull_request.threads:
            if not thread.is_resolved:
                now.setdefault(thread.uri, []).append(to_thread_diagnostic(thread))
        self._threads[pull_request.root_uri] = now
        for uri in before.keys() | now.keys():
            if before.get(uri) != now.get(uri):
                self._show(uri)

    def _show(self, uri: str) -> None:
        version, found = self._found.get(uri, (None, []))
        threads = [one for one in self._of(uri) if uri not in self._found or not _is_of_rules(one)]
        self._display.show(uri, version, [*found, *threads])

    def _of(self, uri: str) -> Sequence[types.Diagnostic]:
        return [diagnostic for of_root in self._threads.values() for diagnostic in of_root.get(uri, ())]


def to_thread_diagnostic(thread: ThreadTold) -> types.Diagnostic:
    """From the start of its first line to the start of the one after its last: columns are not GitHub's."""
    first, last = thread.start_line or 0, thread.end_line or 0
    said = "\n".join(f"{comment.author}: {comment.body}" for comment in thread.comments)
    return types.Diagnostic(
        types.Range(types.Position(first, 0), types.Position(last + 1, 0)),
        without_links(said[:MAX_MESSAGE]),
        severity=types.DiagnosticSeverity.Information,
        code="pull-request",
        code_description=types.CodeDescription(thread.url) if thread.url.startswith("https://") else None,
        source=SOURCE,
        data={"thread": thread.id, "of_rules": _begun_by_rules(thread)},
    )


def _begun_by_rules(thread: ThreadTold) -> bool:
    spoken = spoken_of(thread.comments[0].body) if thread.comments and thread.fingerprint else []
    return bool(spoken) and not spoken[0].is_from_model


def _is_of_rules(diagnostic: types.Diagnostic) -> bool:
    return isinstance(diagnostic.data, dict) and diagnostic.data.get("of_rules") is True
