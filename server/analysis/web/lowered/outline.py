"""A lowered module as the languages' readers of routes look at it: its classes and functions, and what they tell of
routes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from server.analysis.flow import program as p
from server.analysis.source import Source
from server.analysis.web.facts import Filter, PathRule, Registration, Router
from server.analysis.web.lowered.body import Requests, chain, text_of, walk

SCRIPT = "<script>"
"""The name of what stands in a file outside of all functions: a page of plain PHP."""


class Defined(NamedTuple):
    """A function with the class that it is a method of."""

    function: p.Function
    cls: p.Class | None

    @property
    def qualified(self) -> str:
        return f"{self.cls.name}.{self.function.name}" if self.cls is not None else self.function.name


@dataclass
class Routes:
    """What a file says of routes. *closures*: functions without a name that routes and guards refer to, by the name
    that they are given here.
    """

    registrations: list[Registration] = field(default_factory=list)
    routers: list[Router] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    path_rules: list[PathRule] = field(default_factory=list)
    hooks: list[tuple[str, str]] = field(default_factory=list)
    closures: dict[str, p.Function] = field(default_factory=dict)
    frameworks: set[str] = field(default_factory=set)

    def name_closure(self, closure: p.Closure) -> str:
        name = f"%{closure.line}"
        self.closures[name] = closure.function
        return name


class Outline:
    def __init__(self, module: p.Module, source: Source) -> None:
        self.module = module
        self.source = source
        self.classes: list[p.Class] = []
        self.functions: list[Defined] = []
        self.imports: dict[str, str] = {}
        self.top: list[p.Statement] = []
        """What stands outside of all functions and classes."""
        included = [statement for statement in module.body if isinstance(statement, p.Import)]
        self.included = frozenset(f"@{target}" for one in included for name, target in one.bindings if name == "*")
        """Files whose statements run where they are included (PHP): `@inc.auth`."""
        self._collect(module.body, None)

    def _collect(self, statements: list[p.Statement], cls: p.Class | None) -> None:
        for statement in statements:
            if isinstance(statement, p.Define):
                self.functions.append(Defined(statement.function, cls))
            elif isinstance(statement, p.DefineClass):
                self.classes.append(statement.definition)
                if not statement.definition.is_interface:
                    self._collect(statement.definition.body, statement.definition)
            elif isinstance(statement, p.Import):
                self.imports.update((name, target) for name, target in statement.bindings if name != "*")
            elif cls is None:
                self.top.append(statement)

    @cached_property
    def constants(self) -> dict[str, list[p.Expr]]:
        """What stands outside of functions as the value of a name, also in classes."""
        found: dict[str, list[p.Expr]] = {}
        for statement in (*self.top, *(statement for cls in self.classes for statement in cls.body)):
            for target in statement.targets if isinstance(statement, p.Assign) else ():
                if isinstance(target, p.Name) and isinstance(statement, p.Assign):
                    found.setdefault(target.id, []).append(statement.value)
        return found

    def methods(self, cls: p.Class) -> Iterator[p.Function]:
        for statement in cls.body:
            if isinstance(statement, p.Define):
                yield statement.function

    def class_calls(self, cls: p.Class) -> Iterator[p.Call]:
        """What is called in a class's body, outside of its methods: `before_action :require_login`."""
        for statement in cls.body:
            value = statement.value if isinstance(statement, p.Do | p.Assign) else None
            if isinstance(value, p.Call):
                yield value

    def imports_any(self, *starts: str) -> bool:
        return any(target.startswith(starts) for target in self.imports.values())


@dataclass(frozen=True, slots=True)
class Routing:
    """What a language's frameworks say of routes.

    *fills*: the parameters that the request fills, of a function that handles one; None of any other function.
    *models*: (name of a model, whether its rows belong to somebody) of the classes that are kept in a database.
    """

    requests: Requests
    fills: Callable[[Defined, Outline], frozenset[str] | None]
    routes: Callable[[Outline], Routes]
    models: Callable[[Outline], Iterator[tuple[str, bool]]]


def guard_of(expression: p.Expr) -> str:
    """A guard as it is written, its name first: `PreAuthorize hasRole('ADMIN')`, `auth`, `RequireRole admin`."""
    if isinstance(expression, p.Const):
        return str(expression.value or "").replace(":", " ", 1)
    name = chain(expression)
    if name.endswith(".class"):
        name = name.removesuffix(".class")
    if not isinstance(expression, p.Call):
        return name
    given = [*expression.args, *(value for _, value in expression.keywords)]
    words = [text_of(n) or (n.name if isinstance(n, p.Attr) else "") for argument in given for n in walk(argument)]
    inner = [chain(argument) for argument in given if isinstance(argument, p.Name | p.Attr | p.Call)]
    return " ".join([name, *filter(None, (*words, *inner))])[:200]


def texts_of(expression: Any) -> list[str]:
    """The texts of a constant or of a list of them."""
    if isinstance(expression, p.Collection):
        return [text for _, item in expression.items for text in texts_of(item)]
    if isinstance(expression, p.Unknown):  # Java's `{"/a", "/b"}`
        return [text for part in expression.parts for text in texts_of(part)]
    text = text_of(expression)
    return [text] if text else []
