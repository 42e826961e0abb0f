"""What answers tell of errors: the text or the trace of whatever went wrong."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.web.disclosure import ERROR_DETAILS
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import LOW, MEDIUM
from server.analysis.web.lowered.body import Body, Called, chain, walk
from server.analysis.web.lowered.words import snake

_BROAD = re.compile(
    r"(?:^|\.)(?:Exception|Throwable|StandardError|RuntimeException|Error|PDOException|SQLException|QueryException"
    r"|DataAccessException|HibernateException|PersistenceException|StatementInvalid|ActiveRecordError|DBALException"
    r"|mysqli_sql_exception)$"
)
_TEXTS = frozenset(
    {"get_message", "message", "full_message", "get_localized_message", "get_trace_as_string", "backtrace", "get_trace"}
    | {
        "get_stack_trace",
        "error",
        "to_string",
        "inspect",
        "get_previous",
        "get_stack_trace_as_string",
        "print_stack_trace",
    }
)
_TRACES = re.compile(r"trace", re.IGNORECASE)
_ANSWERS = re.compile(
    r"^(?:echo|print|die|exit|printf|render|json|send_data|body|status|error|internal_server_error|response|halt|respond"
    r"|write|println|send_error|print_stack_trace|string|xml|set_entity|entity|ok|bad_request|bad_gateway|with_errors"
    r"|text_plain|response_entity|json_response|abort_with_status_json|abort_with_error|indented_json|send_string|send"
    r"|head|html|data|erb|new_response|add_object|with|flash)$"
)
_LOGS = re.compile(r"(?:^|\.)(?:log|logger|LOG|LOGGER|slog|logging|Log|Rails|puts|errors?Log|error_log|zap|logrus)\b")
_SERVER_ERRORS = re.compile(r"5\d\d$|InternalServerError$|INTERNAL_SERVER_ERROR$|internal_server_error$|BadGateway$")


def suspects(body: Body) -> Iterator[Suspect]:
    if body.source.language is Language.GO:
        yield from _of_go(body)
        return
    for node in body.nodes(p.Try):
        for handler in node.handlers:
            if not handler.types or any(_BROAD.search(name) for name in handler.types):
                yield from _told(handler.name, handler.body, body)
    if _answers_errors(body):
        names = [param.name for param in body.function.params if param.name not in ("self", "this", "$this")]
        errors = [name for name in names if re.match(r"\$?(?:e|ex|err|exc|t|throwable|\w*exception|\w*error)$", name)]
        if errors:
            yield from _told(errors[0], body.function.body, body, needs="")


def _answers_errors(body: Body) -> bool:
    """Spring's `@ExceptionHandler(Exception.class)`."""
    for decorator in body.function.decorators:
        if chain(decorator).endswith("ExceptionHandler"):
            caught = [chain(n.base) for n in walk(decorator) if n.__class__ is p.Attr and n.name == "class"]
            kinds = caught or [chain(param.annotation) for param in body.function.params if param.annotation]
            return any(_BROAD.search(kind) for kind in kinds)
    return False


def _told(name: str, statements: list[Any], body: Body, needs: str = "route") -> Iterator[Suspect]:
    """The first place at which the exception's text goes into an answer."""
    if not name:
        return
    tells = {name}
    for node in walk(*statements):
        if node.__class__ is p.Assign and _tells(node.value, tells):
            tells.update(target.id for target in node.targets if target.__class__ is p.Name)
        answer = _answer(node)
        if answer is not None and any(_tells(part, tells) for part in answer):
            trace = any(_TRACES.search(_word(n)) for part in answer for n in walk(part))
            what = "the trace of the error" if trace else "the text of whatever went wrong"
            line = node.line
            yield Suspect(
                ERROR_DETAILS, Hit(body.span(line), f"The answer has {what}", severity=MEDIUM if trace else LOW), needs
            )
            return


def _answer(node: Any) -> list[Any] | None:
    """What the client is told; None for what it does not hear."""
    if node.__class__ is p.Return and node.value is not None:
        return [node.value] if not _LOGS.search(chain(node.value)) else None
    if node.__class__ is p.Call:
        name = chain(node.callee)
        if _LOGS.search(name) or not _ANSWERS.match(snake(name.rpartition(".")[2])):
            return None
        return [*node.args, *(value for _, value in node.keywords), node.callee]
    return None


def _tells(part: Any, names: set[str]) -> bool:
    """Whether the text of the exception is in it: not the exception itself, handed to a logger or to another."""
    for node in walk(part):
        kind = node.__class__
        if kind is p.Attr and snake(node.name) in _TEXTS and node.base.__class__ is p.Name and node.base.id in names:
            return True
        if kind is p.Text and any(n.__class__ is p.Name and n.id in names for n in node.parts):
            return True
        if kind is p.Name and node.id in names and len(names) > 1 and node.id != min(names, key=len):
            return True
    return False


def _word(node: Any) -> str:
    return node.name if node.__class__ is p.Attr else ""


# Go has no exceptions: an answer of a status of 500 with the error's text


def _of_go(body: Body) -> Iterator[Suspect]:
    for called in body.calls:
        if _is_failure(called) and any(_is_error_text(n) for argument in called.node.args for n in walk(argument)):
            hit = Hit(body.span(called.node.line), "The answer has the text of whatever went wrong", severity=LOW)
            yield Suspect(ERROR_DETAILS, hit)
            return


def _is_failure(called: Called) -> bool:
    if not _ANSWERS.match(called.last) and called.last not in ("new_http_error", "sprintf", "fprintf"):
        return False
    for argument in called.node.args:
        word = str(argument.value) if argument.__class__ is p.Const else chain(argument)
        if _SERVER_ERRORS.search(word):
            return True
    return any(_SERVER_ERRORS.search(chain(n)) for n in walk(called.node.callee) if n.__class__ is p.Call) or any(
        n.__class__ is p.Const and n.value == 500 for n in walk(called.node.callee)
    )


def _is_error_text(node: Any) -> bool:
    if node.__class__ is p.Call and node.callee.__class__ is p.Attr:
        return node.callee.name == "Error" and chain(node.callee.base) in ("err", "e", "error")
    return node.__class__ is p.Text and any(n.__class__ is p.Name and n.id == "err" for n in node.parts)
