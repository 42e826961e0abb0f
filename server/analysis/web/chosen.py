"""Single values that a client chooses and should not: a role, whose a record is, that it is approved."""

import ast
import re
from collections.abc import Iterator

from server.analysis.rule import Hit, Rule
from server.analysis.web.binding import MASS_ASSIGNMENT, PRIVILEGE, ROLE_FROM_REQUEST, SCHEMA, WRITERS, WRITES
from server.analysis.web.body import Body
from server.analysis.web.expressions import walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import MEDIUM, security

FOREIGN_OWNER = security(
    "foreign-owner",
    MEDIUM,
    "The request says whose the new record is, and nobody compares that with who is there: everybody may act in the "
    "name of all others.",
    cwe=639,
    also=(862, 863, 285, 284, 566),
    remedy="Take the owner from the session or token.",
)

RULES: tuple[Rule, ...] = (FOREIGN_OWNER,)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _given_roles(body)
    yield from _given_states(body)
    yield from _given_owners(body)


def _given_roles(body: Body) -> Iterator[Suspect]:
    if not body.is_asked:
        return
    for called in body.calls:
        made = called.last[:1].isupper() and not SCHEMA.search(called.last)
        is_writer = called.last in WRITERS or WRITES.match(called.last)
        if not made and not is_writer:
            continue
        pairs = [(k.arg or "", k.value) for k in called.node.keywords]
        for given in called.node.args[:1]:
            if isinstance(given, ast.Dict):
                pairs += [(str(getattr(k, "value", "")), v) for k, v in zip(given.keys, given.values, strict=True)]
        for name, value in pairs:
            if PRIVILEGE.match(name) and _is_chosen(value, name, body):
                yield Suspect(ROLE_FROM_REQUEST, Hit(body.span(value), f"The request chooses {name}"), "open")
                return
    yield from _inserted_role(body)
    for node in body.nodes(ast.Assign):
        for target in node.targets:
            if (
                isinstance(target, ast.Attribute)
                and PRIVILEGE.match(target.attr)
                and _is_chosen(node.value, target.attr, body)
            ) and body.words(target.value) not in ("self", "request", "g"):
                yield Suspect(ROLE_FROM_REQUEST, Hit(body.span(node), f"The request chooses {target.attr}"), "open")
                return


_DECIDED_BY_OTHERS = re.compile(
    r"^(?:is_?)?(?:approved|verified|paid|granted|confirmed|refunded|settled|banned|locked|premium)$"
    r"|^(?:balance|credits?|wallet|credit_?limit)$",
    re.IGNORECASE,
)


def _given_states(body: Body) -> Iterator[Suspect]:
    """`Expense(amount=..., approved=request.json.get("approved"))`: who asks for it grants it."""
    if not body.is_asked:
        return
    for called in body.calls:
        is_made = called.last[:1].isupper() and not SCHEMA.search(called.last)
        if not is_made and not WRITES.match(called.last):
            continue
        for keyword in called.node.keywords:
            name = keyword.arg or ""
            if _DECIDED_BY_OTHERS.match(name) and _is_chosen(keyword.value, name, body):
                yield Suspect(MASS_ASSIGNMENT, Hit(body.span(keyword), f"The request chooses {name} itself"), "open")
                return


def _given_owners(body: Body) -> Iterator[Suspect]:
    """`Expense(employee_id=number)` with a number of the request's: in anybody's name."""
    if not body.is_handler or not (body.mine or body.lines.tells_of_people):
        return
    for called in body.calls:
        made = called.chain.removesuffix(".objects.create").rpartition(".")[2]
        if not made[:1].isupper() or SCHEMA.search(made):
            continue
        for keyword in called.node.keywords:
            value = keyword.value
            is_owner = keyword.arg is not None and _OWNER_COLUMN.match(keyword.arg) is not None
            if is_owner and body.is_theirs(value) and not body.is_mine(value) and not _is_looked_at(value, body):
                message = f"The request chooses {keyword.arg}: it is made in anybody's name"
                yield Suspect(FOREIGN_OWNER, Hit(body.span(keyword), message), "own session")
                return


_OWNER_COLUMN = re.compile(
    r"^(?:user|owner|author|account|employee|customer|member|student|patient|person|sender|buyer|seller)_?(?:id|pk)$",
    re.IGNORECASE,
)


def _is_looked_at(value: ast.expr, body: Body) -> bool:
    """Compared with anything, or handed to something that may say no."""
    names = {n.id for n in walk(value) if isinstance(n, ast.Name)} & body.theirs
    if any(isinstance(n, ast.Name) and n.id in names for c in body.nodes(ast.Compare) for n in walk(c)):
        return True
    return any(
        _LOOKS.search(called.last) and any(isinstance(n, ast.Name) and n.id in names for n in walk(called.node))
        for called in body.calls
    )


_LOOKS = re.compile(r"check|verif|ensure|require|authori|allow|permission|owner|access|can_", re.IGNORECASE)


def _inserted_role(body: Body) -> Iterator[Suspect]:
    """`INSERT INTO users (name, role) VALUES (?, ?)` with a role of the request's."""
    for called in body.calls:
        columns = _INSERT.search(body.sql(called.node)) if called.node.args else None
        if columns is None or not (_OF_PEOPLE.match(columns[1]) or "passw" in columns[2].lower()):
            continue
        privileges = [c for c in re.findall(r"\w+", columns[2]) if PRIVILEGE.match(c)]
        kinds = (ast.Name, ast.Call, ast.Attribute, ast.Subscript)
        values = [n for argument in called.node.args for n in walk(argument) if isinstance(n, kinds)]
        for name in privileges:
            if any(_is_chosen(value, name, body) for value in values):
                yield Suspect(ROLE_FROM_REQUEST, Hit(body.span(called.node), f"The request chooses {name}"), "open")
                return


_INSERT = re.compile(r"insert\s+into\s+\W?(\w+)\W?\s*\(([^)]*)\)", re.IGNORECASE)
_OF_PEOPLE = re.compile(r"\w*(?:user|account|member|customer|employee|people|person)\w*$", re.IGNORECASE)


def _is_chosen(value: ast.expr, name: str, body: Body) -> bool:
    """Whether the value is the request's field of that name (`data.get("role")`), directly or through a local name."""
    values = body.values.get(value.id, [value]) if isinstance(value, ast.Name) else [value]
    return any(body.is_theirs(v) and re.search(rf"\b{re.escape(name)}\b", body.words(v)) for v in values)
