"""What one query asks: its model or collection, and whether the request picks the row."""

import ast
import re
from collections.abc import Iterator

from server.analysis.web.body import Body, Called
from server.analysis.web.expressions import walk
from server.analysis.web.words import KEY, OWNER_FIELD

GETTERS = frozenset(
    {
        "get",
        "get_or_404",
        "get_object_or_404",
        "first_or_404",
        "one_or_404",
        "find_one",
        "find_by_id",
        "get_by_id",
        "aget",
        "one_or_none",
        "find_one_and_update",
        "find_one_and_delete",
        "update_one",
        "delete_one",
        "replace_one",
        "remove",
        "aget_object_or_404",
        "get_or_none",
    }
)
_TAKE_A_KEY = frozenset(
    {"get", "get_or_404", "get_by_id", "find_by_id", "get_or_none", "update", "delete", "delete_by_id"}
)
"""Their first argument is a key."""
_FILTERS = frozenset({"filter", "filter_by", "where", "exclude"})


def models_of(called: Called, body: Body) -> Iterator[str]:
    """The models that a call names: `Order` in `Order.objects.create()` and in `session.add(Order(...))`."""
    root = called.chain.partition(".")[0]
    if root[:1].isupper():
        yield root.lower()
    for argument in called.node.args[:2]:
        name = chain_root(argument, body)
        if name[:1].isupper():
            yield name.lower()
        elif isinstance(argument, ast.Name):
            for value in body.values.get(argument.id, ())[:3]:
                made = chain_root(value, body)
                if made[:1].isupper():
                    yield made.lower()


def chain_root(node: ast.AST, body: Body) -> str:
    """`Order` of `models.Order(...)` and of `Order.query.get(1)`."""
    parts = []
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript, ast.Await)):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        parts.append(body.file.imports.get(node.id, node.id).rpartition(".")[2])
    return next((part for part in reversed(parts) if part[:1].isupper()), "")


def model_of(called: Called, body: Body) -> str:
    """The model or collection that a getter asks, in lower case; "" when it asks none."""
    node: ast.AST = called.node
    last = called.last
    for call in _calls_of_chain(called.node):
        name = (
            call.func.attr
            if isinstance(call.func, ast.Attribute)
            else call.func.id
            if isinstance(call.func, ast.Name)
            else ""
        )
        if (
            name
            in ("query", "get_object_or_404", "aget_object_or_404", "select", "get_or_404", "get", "delete", "update")
            and call.args
        ):
            model = (
                chain_root(call.args[0], body)
                if not isinstance(call.args[0], ast.Call) or name == "get_object_or_404"
                else ""
            )
            if model:
                return model.lower()
    parts = called.chain.split(".")
    capital = next((part for part in parts[:-1] if part[:1].isupper() and not part.isupper()), "")
    if capital and any(
        part in ("query", "objects", "all_objects", "get", "filter", "select", "get_by_id", "find_by_id")
        or part == last
        for part in parts
    ):
        return capital.lower() if _asks(parts, last) else ""
    if kept := _of_repository(parts, body):
        return kept
    if last.startswith(("find_one", "update_one", "delete_one", "replace_one")) or (last == "find_one"):
        whole = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
        if isinstance(whole, ast.Subscript) and isinstance(whole.slice, ast.Constant):
            return str(whole.slice.value).lower()
        owner = parts[-2].lower() if len(parts) > 1 else ""
        return "" if owner in ("db", "database", "collection", "client", "mongo", "self") else owner
    return ""


_REPOSITORY = re.compile(r"(?:Async|SQL|Sql)?(\w+?)(?:s?(?:Repository|Repo|Dao|DAO|Crud|CRUD|Store)|s)$")


def _of_repository(parts: list[str], body: Body) -> str:
    """`orders` of `repo.get(order_id)`, where a parameter says `repo: Orders` or `repo: OrderRepository`."""
    if len(parts) != 2 or parts[1] not in _TAKE_A_KEY:
        return ""
    found = _REPOSITORY.match(body.annotation_of(parts[0]))
    return found[1].lower() if found and found[1][0].isupper() else ""


def _asks(parts: list[str], last: str) -> bool:
    return (
        bool({"query", "objects", "select"} & set(parts))
        or last in ("get_or_none", "get_by_id", "find_by_id", "get_or_404")
        or parts[-2][:1].isupper()
    )


def _calls_of_chain(node: ast.AST) -> Iterator[ast.Call]:
    """`a.b(x).c(y)`: its calls, the outermost first."""
    while True:
        if isinstance(node, ast.Call):
            yield node
            inner = node.args[0] if node.args and _passes_on(node.func) else None
            node = inner if isinstance(inner, ast.Call) else node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Await)):
            node = node.value
        else:
            return


def _passes_on(function: ast.expr) -> bool:
    """`session.execute(select(Order).where(...))`: the query is the argument."""
    return isinstance(function, ast.Attribute) and function.attr in ("execute", "scalars", "scalar")


_FOR_ALL = re.compile(
    r"\.(?:published|public|visible|listed)\(\)|\b(?:is_)?(?:public|published|listed)=True|status=['\"]published['\"]"
)
"""Only rows that everybody may see are asked."""


def is_keyed(called: Called, body: Body) -> bool:
    """Whether some part of the chain picks one row by what the request says."""
    if _FOR_ALL.search(body.words(called.node)):
        return False
    for call in _calls_of_chain(called.node):
        name = (
            call.func.attr
            if isinstance(call.func, ast.Attribute)
            else call.func.id
            if isinstance(call.func, ast.Name)
            else ""
        )
        if name not in GETTERS and name not in _FILTERS and name not in _TAKE_A_KEY:
            continue
        for keyword in call.keywords:
            field = (keyword.arg or "").removesuffix("__exact").removesuffix("__iexact")
            if KEY.search(field) and not OWNER_FIELD.match(field.partition("__")[0]) and body.is_theirs(keyword.value):
                return True
            if OWNER_FIELD.match(field.partition("__")[0]) and body.is_theirs(keyword.value):
                return True
        for argument in call.args:
            if isinstance(argument, ast.Compare):
                if names_a_key(argument) and body.is_theirs(argument):
                    return True
            elif isinstance(argument, ast.Dict):
                if body.is_theirs(argument) and any(
                    isinstance(k, ast.Constant) and KEY.search(str(k.value)) for k in argument.keys
                ):
                    return True
            elif name in _TAKE_A_KEY and body.is_theirs(argument):
                return True
    return False


def names_a_key(test: ast.AST) -> bool:
    for node in walk(test):
        word = node.attr if isinstance(node, ast.Attribute) else node.value if isinstance(node, ast.Constant) else ""
        if isinstance(word, str) and KEY.search(word):
            return True
    return False
