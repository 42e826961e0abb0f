"""A route as every language's reading of a program gives it, and the site that all routes are part of.

Who fills it: `routes.py` for Python's frameworks, `lowered/site.py` for the languages that the flow engine lowers. Who
judges it: the modules with rules, which know no language.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from server.analysis.source import Span
from server.analysis.web.application import Application
from server.analysis.web.facts import CHANGES, Act, Class, Decorator, Fetch, Function, Sign

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class Route:
    """*function* is None where a base class of a framework does the work (`UpdateView`, `ModelViewSet`)."""

    path: str
    methods: frozenset[str]
    file: str
    function: Function | None
    cls: Class | None
    owner: str
    framework: frozenset[str]
    signs: Sign = Sign.NONE
    guards: Sign = Sign.NONE
    """What stands before it: decorators, dependencies, hooks, permissions."""
    acts: Act = Act.NONE
    touches: frozenset[str] = frozenset()
    fetches: tuple[Fetch, ...] = ()
    open_on_purpose: bool = False
    """Somebody wrote that everybody may use it: `@public`."""
    is_registered: bool = True
    """Something of the project gives it a path; else its looks alone say that it is a route, and much may stand
    before it."""
    registered: tuple[str, Span] | None = None
    """Where it is given its path, apart from its handler: that is where a guard is missing."""
    allows_any: bool = False
    """`AllowAny`, which is written where something is to be public, and where something has to work for now."""

    @property
    def head(self) -> Span:
        if self.function is not None:
            return self.function.head
        assert self.cls is not None
        return self.cls.head

    @property
    def name(self) -> str:
        if self.function is None:
            return self.cls.name if self.cls else ""
        return self.function.qualified

    @property
    def words(self) -> str:
        return f"{self.path} {self.name.replace('.', '/')}"

    @property
    def decorators(self) -> tuple[Decorator, ...]:
        own = self.function.decorators if self.function is not None else ()
        return own + (self.cls.decorators if self.cls is not None else ())

    @property
    def is_guarded(self) -> bool:
        return bool((self.guards | self.signs) & Sign.WHO)

    @property
    def asks_role(self) -> bool:
        return bool((self.guards | self.signs) & (Sign.ROLE | Sign.MACHINE))

    @property
    def is_websocket(self) -> bool:
        return "WEBSOCKET" in self.methods

    @property
    def changes(self) -> bool:
        return bool(self.acts & (CHANGES | Act.EXECUTE))


class Site:
    """The application and its routes. *limits_all*: something counts the requests of the whole program."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.reached: dict[tuple[str, str, int], list[Route]] = defaultdict(list)
        """The functions that a request runs - (file, qualified name, line) - and by which routes."""
        self.routes: list[Route] = []
        self.limits_all = False

    def program(self, path: str) -> str:
        """What is judged together with the file, where a project holds several programs; "" where nothing tells."""
        return ""

    def takes_apart(self, name: str, path: str) -> bool:
        """Whether a class accepts only what a request may set."""
        return False

    def fill_effects(self, route: Route) -> None:
        """What the handler does, and the services and queries that it calls."""
        if route.function is None:
            return
        touches, fetches = set(route.touches | route.function.touches), [*route.fetches, *route.function.fetches]
        route.acts |= route.function.acts
        self.reached[key_of(route.file, route.function)].append(route)
        for path, callee, is_handed in self._services(route.function, route.file):
            self.reached[key_of(path, callee)].append(route)
            route.acts |= callee.acts
            touches |= callee.touches
            if is_handed:
                fetches += callee.fetches
        route.touches, route.fetches = frozenset(touches), tuple(fetches)

    def _services(self, function: Function, path: str) -> Iterator[tuple[str, Function, bool]]:
        """The functions of the project that the handler calls, and those that these call: its services and queries;
        and whether they get what the request says.
        """
        seen = {(path, function.qualified)}
        waiting = [(path, function, 2, True)]
        while waiting and len(seen) < 40:
            where, caller, depth, is_given = waiting.pop(0)
            handed = self.app.handed(caller, where)
            for callee_path, callee in self.app.callees(caller, where):
                if (callee_path, callee.qualified) in seen or callee.is_handler:
                    continue
                is_handed = is_given and (handed is None or key_of(callee_path, callee) in handed)
                seen.add((callee_path, callee.qualified))
                yield callee_path, callee, is_handed
                if depth > 1:
                    waiting.append((callee_path, callee, depth - 1, is_handed))


def key_of(path: str, function: Function) -> tuple[str, str, int]:
    return path, function.qualified, function.head.start_line
