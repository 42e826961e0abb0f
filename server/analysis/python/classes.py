"""Classes whose instances share, recurse or call what was not meant."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.values import FUNCTIONS
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Edit, Fix, Severity

SHARED_ATTRIBUTE = Rule(
    "hive.shared-class-attribute",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    why="The object is made once, with the class: what one instance puts in, every other instance finds.",
    remedy="Make it in __init__: self.items = [].",
    cwe=1058,
    in_tests=False,
)
WRONG_SUPER = Rule(
    "hive.wrong-super",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="super(type(self), self) finds the same method again in a subclass, and recurses until the stack is full.",
    remedy="super() without arguments.",
    cwe=674,
)
MISSING_SELF = Rule(
    "hive.method-without-self",
    Kind.BUG,
    Severity.HIGH,
    Confidence.MEDIUM,
    why="Python hands the instance over as first argument: calling the method on one is a TypeError.",
    remedy="Take self as first parameter, or make it a @staticmethod.",
    cwe=628,
)
ENDLESS_RECURSION = Rule(
    "hive.endless-recursion",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="The method asks for itself before anything can end it: a RecursionError.",
    remedy="Keep the value under another name, such as self._name.",
    cwe=674,
)

_CHANGES = frozenset({"append", "extend", "insert", "add", "update", "setdefault", "appendleft"})
_SHARED_ON_PURPOSE = re.compile(
    r"cache|memo|registry|regist|instances|shared|global|singleton|pool|known|seen|all_", re.I
)
_MUTABLE = ("list", "dict", "set", "collections.defaultdict", "collections.deque", "collections.OrderedDict")


@check(
    SHARED_ATTRIBUTE,
    on=(ast.ClassDef,),
    bad=(
        "class Cart:\n    items = []\n    def add(self, item):\n        self.items.append(item)\n",
        "class Index:\n    by_name = {}\n    def put(self, name, value):\n        self.by_name[name] = value\n",
        "class A:\n    names: set = set()\n    def f(self, n):\n        self.names.add(n)\n",
    ),
    good=(
        "class Cart:\n    items = []\n    def __init__(self):\n        self.items = []\n"
        "    def add(self, item):\n        self.items.append(item)\n",
        "class Cart:\n    registry = []\n    def add(self, item):\n        self.registry.append(item)\n",
        "class Cart:\n    items = []\n    def add(self, item):\n        Cart.items.append(item)\n",
        "class Cart:\n    KINDS = []\n    def add(self, item):\n        self.KINDS.append(item)\n",
        "@dataclass\nclass Cart:\n    items = []\n    def add(self, item):\n        self.items.append(item)\n",
        "class Cart:\n    items = ['a']\n    def all(self):\n        return self.items\n",
        "class Cart:\n    items = []\n    @classmethod\n    def add(cls, item):\n        cls.items.append(item)\n",
    ),
)
def shared_attribute(node: ast.ClassDef, file: PythonFile) -> Iterator[Hit]:
    """Of a plain class alone: the bases of models and structures make an object of its own for each instance."""
    if node.decorator_list or node.keywords or any(ast.unparse(base) != "object" for base in node.bases):
        return
    for statement in node.body:
        name, value = _class_attribute(statement)
        if value is None or not _is_empty_collection(value, file) or name.isupper() or _SHARED_ON_PURPOSE.search(name):
            continue
        change = _changed_through_self(name, node, file)
        if change is not None and not _is_set_elsewhere(name, node, file):
            message = f"{name} belongs to the class {node.name}: every instance changes the same one"
            yield Hit(file.span(statement), message)


def _class_attribute(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return (target.id, statement.value) if isinstance(target, ast.Name) else ("", None)
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        is_shared = "ClassVar" in ast.unparse(statement.annotation)
        return ("", None) if is_shared else (statement.target.id, statement.value)
    return "", None


def _is_empty_collection(node: ast.expr, file: PythonFile) -> bool:
    if isinstance(node, ast.Call):
        return file.dotted(node.func) in _MUTABLE and all(isinstance(a, ast.Name) for a in node.args)
    return (isinstance(node, ast.List) and not node.elts) or (isinstance(node, ast.Dict) and not node.keys)


def _attributes_of_self(name: str, owner: ast.ClassDef, file: PythonFile) -> Iterator[ast.Attribute]:
    last = owner.end_lineno or owner.lineno
    for node in file.attributes(name):
        if owner.lineno <= node.lineno <= last and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node


def _changed_through_self(name: str, owner: ast.ClassDef, file: PythonFile) -> ast.AST | None:
    for node in _attributes_of_self(name, owner, file):
        parent = file.parents[node]
        if isinstance(parent, ast.Attribute) and parent.attr in _CHANGES and isinstance(file.parents[parent], ast.Call):
            return parent
        if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, (ast.Store, ast.Del)):
            return parent
    return None


def _is_set_elsewhere(name: str, owner: ast.ClassDef, file: PythonFile) -> bool:
    """By any of its methods, or by the class's name somewhere in the file: then it may be shared on purpose."""
    if any(isinstance(node.ctx, ast.Store) for node in _attributes_of_self(name, owner, file)):
        return True
    others = (n.value for n in file.attributes(name) if isinstance(n.value, ast.Name))
    return any(other.id in (owner.name, "cls") for other in others) or "setattr(self" in file.source.text


@check(
    WRONG_SUPER,
    on=called("super"),
    bad=(
        "class A(B):\n    def __init__(self):\n        super(type(self), self).__init__()\n",
        "class A(B):\n    def __init__(self):\n        super(self.__class__, self).__init__()\n",
    ),
    good=(
        "class A(B):\n    def __init__(self):\n        super().__init__()\n",
        "class A(B):\n    def __init__(self):\n        super(A, self).__init__()\n",
    ),
)
def wrong_super(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not isinstance(call.func, ast.Name) or len(call.args) != 2:
        return
    asked = ast.unparse(call.args[0])
    if asked in ("type(self)", "self.__class__"):
        yield Hit(file.span(call), f"super({asked}, self) recurses in a subclass", _bare_super(call, file))


def _bare_super(call: ast.Call, file: PythonFile) -> Fix | None:
    function = file.function_of(call)
    owner = file.parents[function] if function is not None else None
    is_own = isinstance(owner, ast.ClassDef) and not any(isinstance(a, ast.Lambda) for a in file.ancestors(call))
    return Fix("Call super() without arguments", (Edit(*file.span(call), "super()"),)) if is_own else None


@check(
    MISSING_SELF,
    on=FUNCTIONS,
    bad=("class A:\n    def f():\n        return 1\n    def g(self):\n        return self.f()\n",),
    good=(
        "class A:\n    @staticmethod\n    def f():\n        return 1\n    def g(self):\n        return self.f()\n",
        "class A:\n    def f():\n        return 1\n    x = f()\n",
        "class A:\n    def f(*args):\n        return 1\n    def g(self):\n        return self.f()\n",
        "class A:\n    def f():\n        return 1\n",
    ),
)
def missing_self(function: FunctionNode, file: PythonFile) -> Iterator[Hit]:
    """Only where an instance is asked for it: interfaces and name spaces are written without self on purpose."""
    owner = file.parents[function]
    a = function.args
    if not isinstance(owner, ast.ClassDef) or function.decorator_list or a.posonlyargs or a.args or a.vararg:
        return
    if any(isinstance(file.parents[use], ast.Call) for use in _attributes_of_self(function.name, owner, file)):
        yield Hit(file.head_span(function), f"{function.name}() takes no self, and is called on an instance")


@check(
    ENDLESS_RECURSION,
    on=FUNCTIONS,
    bad=(
        "class A:\n    @property\n    def name(self):\n        return self.name\n",
        "class A:\n    @name.setter\n    def name(self, value):\n        self.name = value\n",
        "class A:\n    def __setattr__(self, key, value):\n        self.changed = True\n        self.key = value\n",
        "class A:\n    def size(self):\n        return self.size()\n",
    ),
    good=(
        "class A:\n    @property\n    def name(self):\n        return self._name\n",
        "class A:\n    @cached_property\n    def name(self):\n        return self.other.name\n",
        "class A:\n    def size(self):\n        return self.inner.size()\n",
        "class A:\n    @property\n    def name(self):\n        if self.done:\n            return ''\n"
        "        return self.name\n",
        "class A:\n    def size(self, n):\n        return self.size(n - 1)\n",
        "class A:\n    def __setattr__(self, key, value):\n        super().__setattr__(key, value)\n",
        "class A:\n    @property\n    def name(self):\n        del self.name\n        return self.name\n",
    ),
)
def endless_recursion(function: FunctionNode, file: PythonFile) -> Iterator[Hit]:
    """By its first statement, before which nothing can have ended it."""
    owner = file.parents[function]
    if not isinstance(owner, ast.ClassDef) or isinstance(function, ast.AsyncFunctionDef) or not function.args.args:
        return
    own = function.args.args[0].arg
    first = _first_statement(function)
    decorators = [ast.unparse(d) for d in function.decorator_list]
    if decorators == ["property"]:
        asks = isinstance(first, ast.Return) and _is_attribute(first.value, own, function.name)
    elif decorators == [f"{function.name}.setter"]:
        asks = _stores(first, own) == function.name
    elif function.name == "__setattr__":
        asks = bool(_stores(first, own)) and not decorators
    else:
        asks = not decorators and isinstance(first, ast.Return) and _calls_itself(first.value, own, function)
    if asks and first is not None:
        yield Hit(file.span(first), f"{function.name} asks for itself, for ever")


def _first_statement(function: FunctionNode) -> ast.stmt | None:
    """Behind the docstring."""
    documented = isinstance(function.body[0], ast.Expr) and isinstance(function.body[0].value, ast.Constant)
    body = function.body[1:] if documented else function.body
    return body[0] if body else None


def _is_attribute(node: ast.expr | None, own: str, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name and getattr(node.value, "id", "") == own


def _stores(node: ast.stmt | None, own: str) -> str:
    """`name` of `self.name = ...`."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Attribute):
        return ""
    target = node.targets[0]
    return target.attr if isinstance(target.value, ast.Name) and target.value.id == own else ""


def _calls_itself(node: ast.expr | None, own: str, function: FunctionNode) -> bool:
    """With nothing that could make a difference: no arguments."""
    takes_nothing = len(function.args.args) == 1 and not function.args.vararg and not function.args.kwonlyargs
    is_call = isinstance(node, ast.Call) and not node.args and not node.keywords
    return takes_nothing and is_call and _is_attribute(getattr(node, "func", None), own, function.name)


CHECKS = (shared_attribute, wrong_super, missing_self, endless_recursion)
