"""What one function does to what lasts: reads, makes, changes, deletes, and objects it takes by a key of the
request."""

import ast
import re

from server.analysis.web.body import Body, Called
from server.analysis.web.facts import Act, Fetch
from server.analysis.web.queries import GETTERS, is_keyed, model_of, models_of, names_a_key
from server.analysis.web.statements import ACT_OF_SQL, statement_of
from server.analysis.web.words import KEY, PERSONAL

_ACT_OF_CALL = {
    "insert_one": Act.CREATE,
    "insert_many": Act.CREATE,
    "insert": Act.CREATE,
    "create": Act.CREATE,
    "acreate": Act.CREATE,
    "bulk_create": Act.CREATE,
    "get_or_create": Act.CREATE,
    "add": Act.CREATE,
    "add_all": Act.CREATE,
    "update_one": Act.CHANGE,
    "update_many": Act.CHANGE,
    "replace_one": Act.CHANGE,
    "find_one_and_update": Act.CHANGE,
    "update_or_create": Act.CHANGE,
    "bulk_update": Act.CHANGE,
    "save": Act.CHANGE,
    "asave": Act.CHANGE,
    "merge": Act.CHANGE,
    "delete": Act.DELETE,
    "adelete": Act.DELETE,
    "delete_one": Act.DELETE,
    "delete_many": Act.DELETE,
    "find_one_and_delete": Act.DELETE,
    "commit": Act.COMMIT,
    "set_password": Act.CHANGE,
}
_DATABASE = re.compile(
    r"objects|query|session|\bdb\b|database|collection|cursor|conn|repo|mongo|engine|table|\bdal\b|dao", re.IGNORECASE
)
_NAMED_GETTER = re.compile(
    r"^(get|fetch|find|load|read|delete|remove|update|retrieve|select)_(\w+?)(?:_by_(?:id|name|username|number|pk))?$"
)
_VERBS = frozenset({"one", "find", "fetch", "load", "by_id", "read", "retrieve", "delete", "remove", "update", "get"})
_EXECUTES = frozenset(
    {
        "os.system",
        "os.popen",
        "subprocess.run",
        "subprocess.call",
        "subprocess.Popen",
        "subprocess.check_output",
        "subprocess.check_call",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "asyncio.create_subprocess_shell",
        "asyncio.create_subprocess_exec",
        "eval",
        "exec",
    }
)
_REMOVES = frozenset({"os.remove", "os.unlink", "shutil.rmtree", "os.rmdir", "os.removedirs"})
_EXECUTORS = frozenset(
    {
        "execute",
        "executemany",
        "raw",
        "text",
        "query",
        "fetch",
        "fetchrow",
        "fetchval",
        "fetch_one",
        "fetch_all",
        "query_db",
        "execute_query",
        "executescript",
        "run_query",
        "db_execute",
        "execute_db",
    }
)


def _is_statement(node: ast.expr) -> bool:
    """What the program's own helpers run: `one("DELETE FROM posts WHERE id = %s", (id,))`."""
    return isinstance(node, ast.Constant) and node.value.__class__ is str and bool(_STATEMENT.match(str(node.value)))


_STATEMENT = re.compile(r"\s*(?:SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\s", re.DOTALL)


class Effects:
    def __init__(self, body: Body, stores: frozenset[str]) -> None:
        """*stores*: names of the module's own lists and dicts, in which small programs keep their data."""
        self._body = body
        self._stores = stores
        self.acts = Act.NONE
        self.touches: set[str] = set()
        self.fetches: list[Fetch] = []
        for called in body.calls:
            self._look_at_call(called)
        self._look_at_stores()
        self._fetched_objects()

    def _look_at_call(self, called: Called) -> None:
        last = called.last
        if called.chain in _EXECUTES:
            self.acts |= Act.EXECUTE
        elif called.chain in _REMOVES or (last in ("unlink", "rmtree") and not called.node.args):
            self.acts |= Act.DELETE
        if last in ("get_item", "delete_item", "update_item"):
            self._look_at_item(called)
        if called.node.args and (last in _EXECUTORS or _is_statement(called.node.args[0])):
            self._look_at_sql(called)
        act = _ACT_OF_CALL.get(last) if last != "put" or called.node.args else Act.CHANGE
        if act is not None and self._is_of_database(called, act):
            self.acts |= act
            self.touches.update(models_of(called, self._body))
        self._look_at_name(called)
        if last in ("find", "aggregate") and re.search(r"(?:^|\.)db\.\w+\.\w+$", called.chain):
            self.acts |= Act.READ
            self.touches.add(called.chain.split(".")[-2].lower())
        if last in GETTERS or last in (
            "first",
            "one",
            "one_or_none",
            "scalar_one_or_none",
            "delete",
            "update",
            "all",
            "scalar_one",
            "scalar",
            "values",
            "values_list",
            "order_by",
            "filter",
            "filter_by",
        ):
            self._look_at_getter(called)

    def _look_at_item(self, called: Called) -> None:
        """DynamoDB: `table.get_item(Key={"id": user_id})`. What the table holds, only the route's path tells."""
        act = {"get_item": Act.READ, "delete_item": Act.DELETE}.get(called.last, Act.CHANGE)
        self.acts |= act
        key = next((k.value for k in called.node.keywords if k.arg == "Key"), None)
        if key is not None and self._body.is_theirs(key) and not self._body.is_mine(key):
            self._fetch("", called.node, act)

    def _is_of_database(self, called: Called, act: Act) -> bool:
        """`order.save()`, `db.session.add(x)`: not `seen.add(x)`, nor the deletion of a cookie."""
        if act is Act.COMMIT or called.last.startswith(
            ("insert_", "update_", "delete_", "bulk_", "find_one", "replace_", "get_or", "set_pass")
        ):
            return True
        if called.last in ("save", "asave"):
            return not called.node.args or called.chain.rpartition(".")[0].lower().endswith(("form", "serializer"))
        if called.last in ("delete", "adelete") and not called.node.args:
            return True
        root = called.chain.rpartition(".")[0]
        return bool(_DATABASE.search(root)) and "requests" not in root

    def _look_at_sql(self, called: Called) -> None:
        statement = statement_of(self._body.sql(called.node))
        if statement is None:
            return
        act = ACT_OF_SQL[statement.verb]
        self.acts |= act
        self.touches.update(statement.tables)
        if not statement.tables or act is Act.CREATE or not KEY.search(statement.key):
            return
        body = self._body
        given = [*called.node.args, *(k.value for k in called.node.keywords)]
        values = [value for node in given for value in self._built(node)]
        if any(body.is_theirs(v) for v in values) and not any(body.is_mine(v) for v in values):
            self._fetch(statement.tables[0], called.node, act)

    def _built(self, node: ast.expr) -> list[ast.expr]:
        """The expression, and what the local name that it is was built of."""
        return self._body.values.get(node.id, [node]) if isinstance(node, ast.Name) else [node]

    def _look_at_getter(self, called: Called) -> None:
        model = model_of(called, self._body)
        if not model:
            return
        self.acts |= Act.READ
        self.touches.add(model)
        body = self._body
        if is_keyed(called, body) and not body.is_mine(called.node) and not self._is_login(called):
            act = {"delete": Act.DELETE, "update": Act.CHANGE}.get(called.last, _ACT_OF_CALL.get(called.last, Act.READ))
            self.acts |= act
            self._fetch(model, called.node, act)

    def _look_at_name(self, called: Called) -> None:
        """`get_order(order_id)`, `storage.orders.one(order_id)`: where only names tell what is asked."""
        if not called.node.args or not self._body.is_handler:
            return
        named = _NAMED_GETTER.match(called.last)
        owner = called.chain.rpartition(".")[0].rpartition(".")[2]
        verb, noun = (named[1], named[2]) if named else (called.last, owner if called.last in _VERBS else "")
        if owner == called.chain.partition(".")[0] and owner in self._body.values:
            return  # A local name: a dict, a list.
        if not noun or not PERSONAL.search(noun) or noun in ("session", "request", "token") or "current" in noun:
            return
        act = Act.DELETE if verb in ("delete", "remove") else Act.CHANGE if verb == "update" else Act.READ
        self.acts |= act
        self.touches.add(noun.lower())
        body = self._body
        first = (
            called.node.args[-1]
            if len(called.node.args) > 1 and not body.is_theirs(called.node.args[0])
            else called.node.args[0]
        )
        is_key = isinstance(first, ast.Name) and KEY.search(first.id.strip("_"))
        if is_key and body.is_theirs(first) and not body.is_mine(called.node):
            self._fetch(noun.lower(), called.node, act)

    def _is_login(self, called: Called) -> bool:
        """`filter_by(username=..., password=...)` asks for a password: who knows it may have the row."""
        return "password" in self._body.words(called.node).lower()

    def _fetch(self, what: str, node: ast.AST, act: Act) -> None:
        self.fetches.append(Fetch(what, self._body.span(node), act))

    def _look_at_stores(self) -> None:
        """`ORDERS[order_id]`, `del users[name]`, `notes.append(...)`."""
        body = self._body
        for node in body.nodes(ast.Subscript):
            if isinstance(node.value, ast.Name) and node.value.id in self._stores:
                act = {ast.Store: Act.CHANGE, ast.Del: Act.DELETE}.get(type(node.ctx), Act.READ)
                self._in_store(node.value.id, node.slice, node, act)
        for called in body.calls:
            root, _, last = called.chain.partition(".")
            if root not in self._stores or not called.node.args:
                continue
            act_of = {
                "get": Act.READ,
                "pop": Act.DELETE,
                "append": Act.CREATE,
                "remove": Act.DELETE,
                "insert": Act.CREATE,
            }
            if last in act_of:
                self._in_store(root, called.node.args[0], called.node, act_of[last])
            elif last in ("update", "clear"):
                self.acts |= Act.CHANGE
        for kind in (ast.ListComp, ast.GeneratorExp):
            for node in body.nodes(kind):
                self._searched_store(node)
        for node in body.nodes(ast.Name):
            if node.id in self._stores and node.id.islower():
                self.acts |= Act.READ
                self.touches.add(node.id)

    def _in_store(self, store: str, key: ast.expr, node: ast.AST, act: Act) -> None:
        self.acts |= act
        self.touches.add(store.lower())
        if act in (Act.READ, Act.DELETE, Act.CHANGE) and self._body.is_theirs(key) and not self._body.is_mine(key):
            self._fetch(store.lower(), node, act)

    def _searched_store(self, node: ast.ListComp | ast.GeneratorExp) -> None:
        """`next(o for o in orders if o["id"] == order_id)`."""
        loop = node.generators[0]
        if not isinstance(loop.iter, ast.Name) or loop.iter.id not in self._stores or not loop.ifs:
            return
        self.acts |= Act.READ
        self.touches.add(loop.iter.id.lower())
        asked = [test for test in loop.ifs if self._body.is_theirs(test)]
        if asked and not any(self._body.is_mine(test) for test in loop.ifs) and names_a_key(asked[0]):
            self._fetch(loop.iter.id.lower(), node, Act.READ)

    def _fetched_objects(self) -> None:
        """What is changed or deleted of a fetched object: `order.status = ...` before a commit."""
        body = self._body
        stored = [node for node in body.nodes(ast.Attribute) if isinstance(node.ctx, ast.Store)]
        own = ("self", "g", "session", "request", "response")
        is_changed = any(isinstance(n.value, ast.Name) and n.value.id not in own for n in stored)
        if is_changed and self.acts & (Act.COMMIT | Act.CHANGE):
            self.acts |= Act.CHANGE
