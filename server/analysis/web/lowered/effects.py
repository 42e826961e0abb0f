"""What one function does to what lasts: reads, makes, changes, deletes, and objects it takes by a key of the
request.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.web.facts import Act, Fetch
from server.analysis.web.lowered.body import Body, Called, chain, plain, text_of, walk
from server.analysis.web.lowered.words import singular, snake
from server.analysis.web.statements import ACT_OF_SQL, statement_of
from server.analysis.web.words import KEY, PERSONAL

_CREATES = re.compile(
    r"^(?:create|insert|persist|first_or_create|save_all|bulk_insert|insert_all|create_many)(?:_\w+)?$"
)
_CHANGES = re.compile(
    r"^(?:save|save_and_flush|save_or_update|update|updates|update_or_create|update_all|update_columns?|update_attributes?"
    r"|merge|upsert|increment|decrement|force_fill|toggle|touch|find_one_and_update|update_one|update_many|replace_one|patch"
    r"|sync|attach|associate)$"
)
_DELETES = re.compile(
    r"^(?:delete|destroy|delete_by_id|delete_all|destroy_all|delete_by_\w+|remove|force_delete|truncate|delete_one"
    r"|delete_many|delete_if_exists|remove_by_id|soft_delete|find_one_and_delete)$"
)
_KEYED = re.compile(
    r"^(?:find|find_or_fail|find_by_id|get_by_id|get_one|get_reference|get_reference_by_id|get_reference_by_id|find_one"
    r"|destroy|delete_by_id|exists_by_id|find_by|find_sole_by|find_or_new|get_or_fail|load|find_one_by|find_by_\w*id"
    r"|first_where|find_by_pk|find_one_or_fail|delete|update|first|take|where|first_or_fail|find_many|last)$"
)
_ORM_ROOTS = re.compile(
    r"repo(?:sitory)?s?$|dao$|mapper$|store$|^(?:em|entity_manager|entities|session|db|gorm|tx|model|orm|dbx|conn|pdo|wpdb)$"
    r"|manager$|jdbc|template$|collection$|database|mongo"
)
_NAMED = re.compile(
    r"^(get|find|fetch|load|delete|remove|update|retrieve|select)_(\w+?)(_by_(?:id|uuid|key|pk|number))?$"
)
_SUFFIX = re.compile(r"_(?:repository|repo|dao|mapper|store|service|entity|model|collection|table|manager|gateway)$")
_REMOVES_FILES = frozenset(
    {"unlink", "os.Remove", "os.RemoveAll", "Files.delete", "Files.deleteIfExists", "File.delete"}
)
_EXECUTES = re.compile(
    r"^(?:exec\.Command(?:Context)?|shell_exec|passthru|proc_open|popen|exec|system|%x|eval|instance_eval)$"
    r"|getRuntime\.exec$|(?:^|\.)ProcessBuilder$|Open3\.\w+$"
)
_NO_MODELS = frozenset(
    {"files", "objects", "string", "integer", "list", "set", "map", "json", "http", "optional", "arrays", "collections"}
    | {"log", "logger", "response", "response_entity", "route", "cache", "storage", "session", "cookie", "hash"}
    | {"file", "str", "arr", "time", "date", "math", "regexp", "uuid", "url", "path", "paths", "request", "auth"}
    | {"mail", "event", "view", "redirect", "config", "settings", "system", "thread", "stream", "dir", "rails", "redis"}
    | {"io", "validator", "gate", "password", "crypt", "lang", "db", "schema", "carbon", "socket", "pattern", "token"}
    | {"context", "ctx", "response_writer", "writer", "reader", "int64", "int", "uint", "option", "bool", "template"}
    | {"jwt", "class_loader", "character", "locale", "duration", "instant", "local_date", "enum", "object_mapper"}
)
_LONGEST_CHAIN = 50
_MOST_USES = 50
"""Of one variable in one function: a generated file has thousands."""
_SHOWN_KEY = re.compile(r"^(?:user_?name|name|slug|handle|login|permalink|nickname)$")
_CONNECTIONS = frozenset({"db", "em", "entity_manager", "tx", "orm", "gorm", "pdo", "conn", "jdbc", "dbx", "wpdb"})
_COLUMN = re.compile(r"(?:^|[\s(.`\"])(\w+)[`\"]?\s*(?:=|in)\s*(?:\?|:|\$|%|\(\?)", re.IGNORECASE)


class Effects:
    def __init__(self, body: Body, types: dict[str, str]) -> None:
        """*types*: of the fields of the class around, and of parameters: name -> the last name of the type."""
        self._body = body
        self._types = types
        self.acts = Act.NONE
        self.touches: set[str] = set()
        self.fetches: list[Fetch] = []
        inner = self._calls_around
        for called in body.calls:
            self._look_at(called, is_outermost=id(called.node) not in inner)

    def _look_at(self, called: Called, *, is_outermost: bool) -> None:
        if _EXECUTES.search(called.chain):
            self.acts |= Act.EXECUTE
        if called.chain in _REMOVES_FILES or called.chain.startswith("FileUtils.rm"):
            self.acts |= Act.DELETE
        self._look_at_sql(called)
        if is_outermost:
            self._look_at_chain(called)

    # SQL

    def _look_at_sql(self, called: Called) -> None:
        for place, argument in enumerate(called.node.args[:3]):
            statement = statement_of(self._text(argument))
            if statement is None:
                continue
            act = ACT_OF_SQL[statement.verb]
            self.acts |= act
            self.touches.update(singular(table) for table in statement.tables)
            if not statement.tables or act is Act.CREATE or not statement.key or not KEY.search(statement.key):
                return
            given = [*called.node.args[:place], *called.node.args[place:], *self._given_later(called)]
            if self._body.is_theirs(*given) and not self._body.is_mine(*given):
                self._fetch(singular(statement.tables[0]), called.node, act)
            return

    def _text(self, argument: p.Expr) -> str:
        if argument.__class__ is p.Name:
            values = self._body.values.get(argument.id, [])
            return text_of(values[0])[:2_000] if len(values) == 1 else ""
        return text_of(argument)[:2_000]

    def _given_later(self, called: Called) -> Iterator[p.Expr]:
        """What is bound to the statement that the call prepares."""
        names = self._names_of(called.node)
        for name in names:
            for other in self._calls_on.get(name, ())[:_MOST_USES]:
                yield from other.node.args
        if not names:  # `$pdo->prepare($sql)->execute([$id])`
            for outer in self._calls_around.get(id(called.node), ()):
                yield from outer.args

    def _names_of(self, node: p.Call) -> frozenset[str]:
        """The variables that are given what comes of a call."""
        return frozenset(self._assigned_of.get(id(node), ()))

    @cached_property
    def _assigned_of(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for name, value in self._body.assigned:
            for node in walk(value):
                if node.__class__ is p.Call:
                    found[id(node)].append(name)
        return found

    @cached_property
    def _calls_on(self) -> dict[str, list[Called]]:
        """By the name of what is called upon, as it is written and as a variable of the object itself."""
        found: dict[str, list[Called]] = defaultdict(list)
        for called in self._body.calls:
            callee = called.node.callee
            head, base = called.chain.rpartition(".")[0], plain(callee.base) if isinstance(callee, p.Attr) else ""
            for name in {head, base} - {""}:
                found[name].append(called)
        return found

    @cached_property
    def _calls_with(self) -> dict[str, list[Called]]:
        """By the names of variables that they are given."""
        found: dict[str, list[Called]] = defaultdict(list)
        for called in self._body.calls:
            for name in {plain(given) for given in called.node.args} - {""}:
                found[name].append(called)
        return found

    @cached_property
    def _calls_around(self) -> dict[int, list[p.Call]]:
        """By a call: those that are made on what comes of it, in the same chain."""
        found: dict[int, list[p.Call]] = defaultdict(list)
        for called in self._body.calls:
            for inner in itertools.islice(_within(called.node), _LONGEST_CHAIN):
                found[id(inner)].append(called.node)
        return found

    # Mappers of objects

    def _look_at_chain(self, called: Called) -> None:
        steps = list(itertools.islice(_steps(called.node), _LONGEST_CHAIN))
        self._look_at_name(called)
        what = self._model(called, steps)
        names = [name for name, _ in steps]
        act = Act.NONE
        for name in names:
            act |= _act_of(name)
        if not what:
            if act and self._is_own_object(called, names):
                self.acts |= act
            return
        key = self._key(steps)
        self.acts |= act or Act.READ
        self.touches.add(what)
        if key and not self._body.is_mine(called.node):
            self._fetch(what, called.node, act or Act.READ, is_shown=_SHOWN_KEY.match(key) is not None)

    def _look_at_name(self, called: Called) -> None:
        """`db.GetApplicationByID(id)`, `orderService.deleteOrder(id)`: where only the name tells what is asked."""
        named = _NAMED.match(called.last)
        given = called.node.args
        if named is None or not given or not self._body.is_handler:
            return
        what, body = singular(named[2]), self._body
        is_keyed = any(KEY.search(snake(plain(g))) and body.is_theirs(g) for g in given)
        if what in _NO_MODELS or not (is_keyed or (named[3] and body.is_theirs(*given))):
            return
        if not named[3] and not PERSONAL.search(what):
            return
        act = _act_of(named[1])
        self.acts |= act or Act.READ
        self.touches.add(what)
        if not body.is_mine(called.node):
            self._fetch(what, called.node, act or Act.READ)

    def _is_own_object(self, called: Called, names: list[str]) -> bool:
        """`$order->delete()`, `@listing.update(...)`: of an object that was taken before, not of a list or a map."""
        base = called.node.callee.base if called.node.callee.__class__ is p.Attr else None
        if base is None or not names:
            return False
        given = called.node.args
        names = [name.rstrip("!") for name in names]
        if names[0] in ("save", "delete", "destroy", "touch", "force_delete") and not given:
            return bool(plain(base)) or base.__class__ is p.Call
        return names[0] in ("update", "save", "update_attributes", "update_columns", "update_column", "create") and (
            self._body.is_mine(base)
            or plain(base) in self._types
            or any(_is_made(value) for value in self._body.values.get(plain(base), ()))
            or self._is_held(plain(base))
        )

    def _is_held(self, name: str) -> bool:
        """Rails: `@order`, which something took before the action."""
        return name.startswith("self.") and self._body.source.language is Language.RUBY

    def _model(self, called: Called, steps: list[tuple[str, p.Call]]) -> str:
        """The model that a chain of calls asks; "" when it asks none."""
        for step, call in steps:
            if not _is_query(step) and step not in ("model", "find", "create", "save"):
                continue
            for argument in call.args[:2]:
                if named := _class_of(argument, self._body):
                    return _model_name(named)
        first = steps[-1][1].callee if steps else None
        base = first.base if first.__class__ is p.Attr else None
        kind = self._types.get(plain(base).removeprefix("self.")) if base is not None else None
        name = kind or (base.id if base.__class__ is p.Name else base.name if base.__class__ is p.Attr else "")
        if not name:
            return ""
        word = snake(name)
        if _SUFFIX.search(word) or _ORM_ROOTS.search(word):
            found = _model_name(name)
            return found if found and found not in _CONNECTIONS else ""
        if base.__class__ in (p.Name, p.Attr) and name[:1].isupper() and not name.isupper() and kind is None:
            return _model_name(name) if any(_is_query(step) for step, _ in steps) else ""
        return ""

    def _key(self, steps: list[tuple[str, p.Call]]) -> str:
        """The column by which some part of the chain picks a row that the request names; "" when none does."""
        body = self._body
        for name, call in steps:
            if not _KEYED.match(name):
                continue
            for key, value in (*call.keywords, *_pairs(call)):
                if key and KEY.search(key) and body.is_theirs(value):
                    return key
            if name in ("where", "find_by", "first_where", "first", "take", "delete", "update") and call.args:
                key = self._condition(call)
                if key or name in ("where", "find_by", "first_where", "update"):
                    if key:
                        return key
                    continue
            if call.args and any(body.is_theirs(argument) for argument in call.args[-2:]) and not _has_fields(call):
                return name.rpartition("_by_")[2]
        return ""

    def _condition(self, call: p.Call) -> str:
        """The key of `where('id', $id)` or `Where("id = ?", id)`."""
        first = text_of(call.args[0])
        if not first or not self._body.is_theirs(*call.args[1:]):
            return ""
        column = first.rpartition(".")[2]
        if KEY.search(column):
            return column
        return next((found.lower() for found in _COLUMN.findall(first) if KEY.search(found.lower())), "")

    def _fetch(self, what: str, node: p.Call, act: Act, *, is_shown: bool = False) -> None:
        """*is_shown*: by a name that everybody may see, as of somebody's page: to read that is no harm."""
        acts = act | self._done_to(node)
        self.acts |= acts
        if is_shown and acts == Act.READ:
            return
        self.fetches.append(Fetch(what, self._body.source.line_span(node.line), acts, is_followed=True))

    def _done_to(self, node: p.Call) -> Act:
        """What is done afterwards to the object that a call gives."""
        names = set(self._names_of(node))
        names |= {plain(given) for given in node.args if self._body.declared.get(plain(given), "")[:1].isupper()}
        return self.done_to(names - {""}) if names else Act.NONE

    def done_to(self, names: set[str]) -> Act:
        """What is done to the objects that these variables hold."""
        acts = Act.NONE
        for name in names:
            for called in self._calls_on.get(name, ())[:_MOST_USES]:
                acts |= _act_of(called.last) or (Act.CHANGE if called.last.startswith("set_") else Act.NONE)
            for called in self._calls_with.get(name, ())[:_MOST_USES]:
                acts |= _act_of(called.last)
            if name in self._set_fields:
                acts |= Act.CHANGE
        return acts

    @cached_property
    def _set_fields(self) -> frozenset[str]:
        """The variables of whose objects a field is set."""
        targets = (target for statement in self._body.nodes(p.Assign) for target in statement.targets)
        return frozenset(plain(target.base) for target in targets if isinstance(target, p.Attr))


def _act_of(name: str) -> Act:
    if _DELETES.match(name):
        return Act.DELETE
    if _CHANGES.match(name):
        return Act.CHANGE
    return Act.CREATE if _CREATES.match(name) else Act.NONE


def _within(node: p.Call) -> Iterator[p.Call]:
    """The calls to whose results this call is made: `Order::where(..)` in `Order::where(..)->first()`."""
    at: Any = node.callee
    while isinstance(at, p.Attr | p.Call | p.Item):
        if isinstance(at, p.Call):
            yield at
            at = at.callee
        else:
            at = at.base


def _steps(node: p.Call) -> Iterator[tuple[str, p.Call]]:
    """(name, call) of a chain of calls, the outermost first."""
    for call in (node, *_within(node)):
        if isinstance(call.callee, p.Attr):
            yield snake(call.callee.name), call


def _class_of(argument: p.Expr, body: Body) -> str:
    """`&Order{}`, `Order.class`, `Order::class`, or `&order` of a variable that is declared so; else ""."""
    if isinstance(argument, p.Call) and argument.new:
        name = chain(argument.callee).rpartition(".")[2]
        return name if name[:1].isupper() else ""
    if isinstance(argument, p.Attr) and argument.name == "class":
        return chain(argument.base).rpartition(".")[2]
    if isinstance(argument, p.Name):
        declared = body.declared.get(argument.id, "")
        return declared if declared[:1].isupper() else ""
    return ""


def _model_name(name: str) -> str:
    word = singular(_SUFFIX.sub("", snake(name)))
    if word in _NO_MODELS or len(word) < 2 or word.endswith(("_input", "_request", "_dto", "_params")):
        return ""
    return word


def _is_query(step: str) -> bool:
    return bool(_KEYED.match(step) or _CREATES.match(step) or _CHANGES.match(step) or _DELETES.match(step)) or step in (
        "all",
        "order",
        "order_by",
        "paginate",
        "get",
        "find_all",
        "with",
        "includes",
        "latest",
        "pluck",
        "query",
    )


def _pairs(call: p.Call) -> Iterator[tuple[str, p.Expr]]:
    """Of the maps that a call is given: `findOneBy(['id' => $id])`."""
    for argument in call.args:
        if isinstance(argument, p.Collection) and argument.shape is p.Shape.DICT:
            yield from ((text_of(key) or chain(key), value) for key, value in argument.items if key is not None)


def _has_fields(call: p.Call) -> bool:
    """It is given what to write (`update!(params)`), not which row."""
    return bool(call.keywords) or snake(chain(call.callee).rpartition(".")[2]) in ("update", "load", "find_by")


def _is_made(value: p.Expr) -> bool:
    return value.__class__ is p.Call
