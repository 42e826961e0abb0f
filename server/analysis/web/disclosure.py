"""What strangers are told that is none of their business: errors' texts and traces, the environment, hashes of
passwords."""

import ast
import re
from collections.abc import Iterator

from server.analysis.python.literals import text_of_literal
from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.columns import SECRET_FIELD, SECRET_KEY, SHOWS, whole_users
from server.analysis.web.expressions import walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import LIKELY, LOW, MEDIUM, security

ERROR_DETAILS = security(
    "error-details",
    MEDIUM,
    "The answer has the text or the trace of an unexpected error: it tells strangers about queries, paths, versions "
    "and secrets.",
    cwe=209,
    also=(200, 497, 215, 1295),
    remedy="Log the exception, and answer with a fixed text.",
)
INTERNALS_SHOWN = security(
    "internals-shown",
    MEDIUM,
    "The answer has the environment or the whole configuration, where secrets are kept.",
    cwe=497,
    also=(200, 215, 526, 209),
    remedy="Answer with the few values that the caller needs.",
)
RULES: tuple[Rule, ...] = (ERROR_DETAILS, INTERNALS_SHOWN, SECRET_FIELD)

_BROAD = re.compile(
    r"^(?:Exception|BaseException|.*(?:SQLAlchemyError|DatabaseError|OperationalError|IntegrityError|DBAPIError"
    r"|ProgrammingError))$|^sqlite3\.Error$|(?i:mysql).*Error$|psycopg2?\.Error$|^pymongo.*Error$"
)
_ERROR_HANDLERS = re.compile(
    r"(?:^|\.)(?:errorhandler|exception|exception_handler|error|app_errorhandler|register_error_handler)$"
)
_ANSWERS = re.compile(
    r"(?:^|\.)(?:jsonify|JsonResponse|HttpResponse|Response|JSONResponse|HTTPException|make_response|abort"
    r"|render_template|render|PlainTextResponse|HTMLResponse|json_response|write|dumps|flash"
    r"|HttpResponseServerError|HttpResponseBadRequest|finish|json|text|send_error|reply|respond)$"
)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _errors(body)
    yield from _whole_environment(body)
    yield from list(_secret_fields(body)) or whole_users(body)


def _errors(body: Body) -> Iterator[Suspect]:
    decorators = [body.file.dotted(d.func if isinstance(d, ast.Call) else d) for d in body.node.decorator_list]
    answers_errors = any(_ERROR_HANDLERS.search(name) for name in decorators) or _answers_errors(body)
    if answers_errors and body.params:
        caught = " ".join(body.words(d) for d in body.node.decorator_list)
        if _answers_errors(body) or re.search(r"\bException\b|\b500\b|InternalServer|SQLAlchemyError", caught):
            errors = [p for p in body.params if re.match(r"e$|ex|err", p)] or [body.params[-1]]
            yield from _told(body, errors[0], body.node.body, needs="")
        else:  # What one kind of error says may be meant for people, but not where it came from.
            yield from _told(body, "", body.node.body, needs="")
        return
    for handler in body.nodes(ast.ExceptHandler):
        if _is_broad(handler, body):
            yield from _told(
                body,
                handler.name or "",
                handler.body,
                needs="" if _is_lambda(body) or _is_middleware(body) else "route",
            )


def _answers_errors(body: Body) -> bool:
    """By its name: what a framework calls when something went wrong."""
    named = body.node.name in ("write_error", "on_error", "handle_error", "handle_exception", "error_handler")
    if named and re.search(r"resp|request|req\b|self|status", " ".join(body.params)):
        return True
    takes = body.params[:1] in (("request",), ("req",)) and any(_ERROR_NAME.match(p) for p in body.params[1:3])
    return takes and not body.node.decorator_list and _is_registered(body)


_ERROR_NAME = re.compile(r"^(?:error|exc|exception|err|ex|e)$")
_REGISTERS = re.compile(r"(?:add|register)_(?:error|exception)_handler|exception_handlers?|error_handlers?")


def _is_registered(body: Body) -> bool:
    """`app.add_error_handler(Exception, explain)`, `App(exception_handlers={Exception: failed})`, for any error."""
    for call in body.file.by_type.get(ast.Call):
        assert isinstance(call, ast.Call)
        named = _REGISTERS.search(body.words(call.func)) is not None
        given = call.args if named else [k.value for k in call.keywords if _REGISTERS.match(k.arg or "")]
        words = [body.words(argument) for argument in given]
        name = re.compile(rf"\b{re.escape(body.node.name)}\b")
        if any(name.search(text) for text in words) and re.search(
            r"\b(?:Exception|500)\b|SERVER_ERROR", " ".join(words)
        ):
            return True
    return False


def _is_lambda(body: Body) -> bool:
    return body.params[:2] == ("event", "context")


def _is_middleware(body: Body) -> bool:
    """Through which every request goes: `async def errors(request, handler)`."""
    return any(p in ("handler", "call_next", "get_response") for p in body.params[1:3]) and "request" in body.params


def _is_broad(handler: ast.ExceptHandler, body: Body) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_BROAD.search(body.file.dotted(t)) for t in types)


def _told(body: Body, name: str, statements: list[ast.stmt], needs: str) -> Iterator[Suspect]:
    """The first place at which the exception's text goes into an answer."""
    told = {name} if name else set()
    for statement in _for_strangers(statements, body):
        for node in walk(statement):
            if isinstance(node, ast.Assign) and _tells(node.value, told, body):
                told.update(t.id for t in node.targets if isinstance(t, ast.Name))
            answer = _answer(node, body)
            if answer is not None and _tells(answer, told, body):
                trace = "traceback" in body.words(answer)
                what = "the trace of the error" if trace else "the text of whatever went wrong"
                yield Suspect(
                    ERROR_DETAILS,
                    Hit(body.span(node), f"The answer has {what}", severity=MEDIUM if trace else LOW),
                    needs,
                )
                return


def _for_strangers(statements: list[ast.stmt], body: Body) -> Iterator[ast.stmt]:
    """Without what only runs where the program is debugged: `if debug: ...`, and all behind `if not debug: raise`."""
    for statement in statements:
        if not isinstance(statement, ast.If) or "debug" not in body.words(statement.test).lower():
            yield statement
        elif isinstance(statement.test, ast.UnaryOp) and isinstance(statement.test.op, ast.Not):
            yield from statement.body
            if isinstance(statement.body[-1], (ast.Raise, ast.Return)):
                return
        elif isinstance(statement.test, (ast.Name, ast.Attribute)):
            yield from statement.orelse
        else:
            yield statement


def _answer(node: ast.AST, body: Body) -> ast.AST | None:
    if isinstance(node, ast.Return):
        return node.value
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Attribute)
        and node.targets[0].attr in ("media", "text", "body")
    ):
        return node.value if re.match(r"resp|self\.response", body.words(node.targets[0])) else None
    if (
        isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and _ANSWERS.search(body.file.dotted(node.exc.func))
    ):
        return node.exc
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        name = node.value.func.attr if isinstance(node.value.func, ast.Attribute) else body.file.dotted(node.value.func)
        return node.value if _ANSWERS.search(name) and name not in ("flash", "json", "text", "dumps") else None
    return None


def _tells(node: ast.AST, told: set[str], body: Body) -> bool:
    for part in walk(node):
        if isinstance(part, ast.Subscript) and _is_the_error(part, body):
            return True
        if isinstance(part, ast.Call):
            name = body.file.dotted(part.func)
            if name.endswith(("format_exc", "format_exception", "print_exc")):
                return True
            if name in ("str", "repr", "format") and any(isinstance(a, ast.Name) and a.id in told for a in part.args):
                return True
        elif isinstance(part, ast.FormattedValue) and _is_one(part.value, told):
            return True
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in told:
            if part.attr in ("args", "message", "traceback", "orig", "__traceback__", "pgerror", "statement", "msg"):
                return True
        elif (
            isinstance(part, ast.BinOp)
            and isinstance(part.op, ast.Mod)
            and any(_is_one(n, told) for n in walk(part.right))
        ) or (isinstance(part, ast.Name) and part.id in told and told and _is_text(part, body)):
            return True
    return False


def _is_the_error(node: ast.Subscript, body: Body) -> bool:
    """Tornado's `kwargs["exc_info"][1]` as a whole; some of its attributes are meant to be shown."""
    value = node.value
    return (
        isinstance(value, ast.Subscript)
        and text_of_literal(value.slice) == "exc_info"
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == 1
        and not isinstance(body.file.parents.get(node), ast.Attribute)
    )


def _is_one(node: ast.AST, told: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in told


def _is_text(node: ast.Name, body: Body) -> bool:
    """A local text that was made of the exception: `message = str(e)`."""
    return any(isinstance(v, (ast.Call, ast.JoinedStr, ast.BinOp)) for v in body.values.get(node.id, ()))


def _whole_environment(body: Body) -> Iterator[Suspect]:
    for node in body.nodes(ast.Return):
        if node.value is None:
            continue
        for part in walk(node.value):
            if isinstance(part, ast.Attribute) and _is_whole(part, body):
                yield Suspect(INTERNALS_SHOWN, Hit(body.span(node), f"The answer has all of {body.words(part)}"))
                return


def _is_whole(node: ast.Attribute, body: Body) -> bool:
    """`os.environ` or `app.config` as a whole: not one entry of it."""
    name = body.file.dotted(node)
    if name != "os.environ" and not re.search(r"(?:^|\.)(?:current_app|app)\.config$|settings\.__dict__$", name):
        return False
    parent = body.file.parents.get(node)
    if isinstance(parent, ast.Attribute):
        return parent.attr in ("items", "copy")
    return isinstance(parent, (ast.Call, ast.Dict, ast.keyword, ast.Return, ast.comprehension))


def _secret_fields(body: Body) -> Iterator[Suspect]:
    shows = bool(SHOWS.match(body.node.name))
    if not shows and not body.is_asked:
        return
    for node in body.nodes(ast.Return):
        for display in walk(node.value) if node.value is not None else ():
            if not isinstance(display, ast.Dict):
                continue
            for key, value in zip(display.keys, display.values, strict=True):
                if _is_secret(key, value, body):
                    place = Hit(body.span(key), f"The answer has the field {key.value!r}", confidence=LIKELY)  # type: ignore[union-attr, arg-type]
                    yield Suspect(SECRET_FIELD, place, "" if shows else "route")
                    return


_SENT_APART = re.compile(r"^(?:otp|pin|reset_?(?:token|pin|code|link)|(?:verification|otp)_?code)$", re.IGNORECASE)
"""What a mail or a message should bring: who may read the answer has not shown whose it is."""
_MADE = re.compile(
    r"\brandom\.|\brandint\(|\bsecrets\.|token_(?:hex|urlsafe)|uuid|generate_\w*(?:otp|pin|code|token)|choices\("
)


def _is_secret(key: ast.expr | None, value: ast.expr, body: Body) -> bool:
    """`"password": user.password`: of a record, not a message about the field."""
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return False
    if not SECRET_KEY.match(key.value) and not _SENT_APART.match(key.value):
        return False
    if (
        isinstance(value, ast.Subscript)
        and isinstance(value.slice, ast.Constant)
        and isinstance(value.slice.value, int)
    ):
        return isinstance(value.value, ast.Name) and not body.is_theirs(value)
    if isinstance(value, ast.Name) and _SENT_APART.match(key.value):
        return any(_MADE.search(body.words(made)) for made in body.values.get(value.id, ()))
    if isinstance(value, (ast.Attribute, ast.Subscript)):
        last = value.attr if isinstance(value, ast.Attribute) else str(getattr(value.slice, "value", ""))
        return bool(SECRET_KEY.match(last)) and not body.is_theirs(value)
    return False
