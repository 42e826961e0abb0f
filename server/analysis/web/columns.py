"""Whole rows that are answered, with the columns that nobody should see."""

import ast
import re
from collections.abc import Iterable, Iterator

from server.analysis.rule import Hit
from server.analysis.web.body import Body
from server.analysis.web.expressions import walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import MEDIUM, security

SECRET_FIELD = security(
    "secret-field",
    MEDIUM,
    "The answer has a field that is nobody's business: a password, its hash, a number of identity. Clients log and "
    "cache it.",
    cwe=200,
    also=(201, 213, 359, 522, 497, 209),
    remedy="Name the fields that are sent, and leave this one out.",
)

SECRET_KEY = re.compile(
    r"^(?:password|passwd|pwd|password_?hash|hashed_?password|pass_?hash|pw_?hash|pin|pin_?hash|ssn"
    r"|social_security(?:_number)?|cvv|cvc|card_?number|credit_card(?:_number)?"
    r"|api_?secret|secret_?key|private_?key|mfa_secret|totp_secret|otp_secret|reset_token|security_answer"
    r"|salt)$",
    re.IGNORECASE,
)
SHOWS = re.compile(
    r"^(?:to_?dict|as_?dict|serialize\w*|to_?json|json\w*|asdict|to_representation|dump|public|to_response|to_api)$",
    re.IGNORECASE,
)


def suspects(body: Body) -> Iterator[Suspect]:
    """Those that another look at the function's fields has not found."""
    yield from _users_as_they_are(body)
    yield from _every_column(body)


_ALL_OF_USERS = re.compile(
    r"select\s+\*\s+from\s+\W?(?:\w*_)?(?:users?|accounts?|customers?|members?|employees?|patients?)\b", re.IGNORECASE
)


def whole_users(body: Body) -> Iterator[Suspect]:
    """`SELECT * FROM users`, and each row as it is into the answer: with the passwords."""
    if not body.is_asked or not any(_ALL_OF_USERS.search(body.sql(c.node)) for c in body.calls if c.node.args):
        return
    rows = {
        name
        for name, value in body.assigned
        if _asks_for_users(value, body)
        or re.search(
            r"fetch(?:all|one|many)\(|query_db\(|run_query\(|\.all\(\)|\.first\(\)|mappings\(", body.words(value)
        )
    }
    for node in body.nodes(ast.Return):
        if node.value is not None and _sends_whole(node.value, rows | _of_rows(rows, body), body):
            yield Suspect(
                SECRET_FIELD, Hit(body.span(node), "The answer has every column of the users, their passwords too")
            )
            return


def _asks_for_users(value: ast.expr, body: Body) -> bool:
    """`database.query("SELECT * FROM users ...")`, of whatever database."""
    call = value.value if isinstance(value, ast.Await) else value
    return isinstance(call, ast.Call) and bool(call.args) and _ALL_OF_USERS.search(body.sql(call)) is not None


_USERS_QUERIED = re.compile(
    r"^(?:await )?\w+(?:\.session)?\.(?:query|scalars|get)\((?:select\()?(?:\w+\.)?"
    r"(?:User|Customer|Member|Employee)s?\b"
)


_USER_CLASS = re.compile(
    r"(?:Current|Active|SignedIn|LoggedIn)?(?:User|Customer|Member|Employee|Account)(?:Model|DB|Table|Dep)?$"
)


def _users_as_they_are(body: Body) -> Iterator[Suspect]:
    """FastAPI writes down every column of what is returned, where no model of the answer says otherwise."""
    route = next((d for d in body.node.decorator_list if isinstance(d, ast.Call)), None)
    if route is None or body.node.returns is not None or any(k.arg == "response_model" for k in route.keywords):
        return
    if not any(module.startswith("fastapi") for module in body.file.imports.values()):
        return
    yield from _objects_as_they_are(body)
    users = {name for name, value in body.assigned if _USERS_QUERIED.match(body.words(value))}
    users |= {name for name in body.params if _USER_CLASS.match(body.annotation_of(name)) and name not in body.theirs}
    for node in body.nodes(ast.Return):
        value = node.value
        is_user = isinstance(value, ast.Name) and value.id in users
        if value is not None and (is_user or _USERS_QUERIED.match(body.words(value))):
            yield Suspect(
                SECRET_FIELD, Hit(body.span(node), "The answer has every column of the users, their passwords too")
            )
            return


_OBJECT_OF = re.compile(
    r"^(?:await )?(?:(?P<made>[A-Z]\w+)\(|\(?(?:await )?[\w.]+\.(?:query|scalars?|execute|exec|get|get_one|one)"
    r"\((?:[\w.]*select\()?(?P<asked>[A-Z]\w+)\b(?!\.))"
)


def _objects_as_they_are(body: Body) -> Iterator[Suspect]:
    """The same of any class that has a column nobody should see."""
    kept: dict[str, str] = {}
    for name, value in body.assigned:
        found = _OBJECT_OF.match(body.words(value))
        if found is not None:
            kept[name] = found["made"] or found["asked"]
    for node in body.nodes(ast.Return):
        if node.value is None:
            continue
        found = _OBJECT_OF.match(body.words(node.value))
        kind = (
            kept.get(node.value.id, "") if isinstance(node.value, ast.Name) else found["asked"] or "" if found else ""
        )
        if kind and not _USERS_QUERIED.match(body.words(node.value)):
            message = f"The answer has every column of {kind}, one of them a secret"
            yield Suspect(SECRET_FIELD, Hit(body.span(node), message), "secret columns", kind)
            return


def has_secret_column(attributes: Iterable[str]) -> bool:
    return any(SECRET_KEY.match(name) for name in attributes)


_ALL_COLUMNS = re.compile(
    r"__table__\.columns(?:\.keys\(\))?$|__mapper__\.\w+$|^(?:sqlalchemy\.)?inspect\(.*\.mapper\.column_attrs"
    r"|^self\.__dict__\.items\(\)$|^vars\(self\)\.items\(\)$|^self\._meta\.(?:get_)?fields(?:\(\))?$"
)


def _every_column(body: Body) -> Iterator[Suspect]:
    """`{c.name: getattr(self, c.name) for c in self.__table__.columns}` of a model that has a password."""
    cls = body.file.parents.get(body.node)
    if not SHOWS.match(body.node.name) or not isinstance(cls, ast.ClassDef) or not _has_secret_column(cls):
        return
    for node in body.nodes(ast.DictComp):
        loop = node.generators[0]
        if not loop.ifs and _ALL_COLUMNS.search(body.words(loop.iter)):
            yield Suspect(
                SECRET_FIELD, Hit(body.span(node), f"Every column of {cls.name} is shown, its passwords too"), ""
            )
            return


def _has_secret_column(cls: ast.ClassDef) -> bool:
    targets = [
        target
        for statement in cls.body
        if isinstance(statement, (ast.Assign, ast.AnnAssign))
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
    ]
    return any(isinstance(target, ast.Name) and SECRET_KEY.match(target.id) for target in targets)


def _of_rows(rows: set[str], body: Body) -> set[str]:
    """Names made of whole rows: `users = [dict(row) for row in rows]`."""
    return {
        name
        for name, value in body.assigned
        if re.match(r"^\[?\s*dict\(|^list\(|^\[tuple\(", body.words(value))
        and any(isinstance(n, ast.Name) and n.id in rows for n in walk(value))
    }


def _sends_whole(node: ast.expr, rows: set[str], body: Body) -> bool:
    """Whether a row goes out as it is; not one field of it, nor a page that shows some."""
    if isinstance(node, ast.Tuple):
        return any(_sends_whole(e, rows, body) for e in node.elts)
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == 0 and _sends_whole(node.value, rows, body)
    if isinstance(node, ast.Name):
        return node.id in rows
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        return (
            isinstance(node.generators[0].iter, ast.Name)
            and node.generators[0].iter.id in rows
            and body.words(node.elt).startswith("dict(")
        )
    if isinstance(node, ast.Dict):
        return any(_sends_whole(v, rows, body) for v in node.values)
    if isinstance(node, ast.Call):
        name = body.file.dotted(node.func).rpartition(".")[2]
        if name in ("jsonify", "dict", "list", "dumps", "JSONResponse", "JsonResponse", "json_response", "str"):
            return any(_sends_whole(a, rows, body) for a in (*node.args, *(k.value for k in node.keywords)))
    return False
