"""What one file tells about a web application: its routes, who may use them, what they do. Values only.

`extract.py` fills them from a parsed file, `application.py` puts those of all files together.
"""

from dataclasses import dataclass
from enum import IntFlag

from server.analysis.language import Language
from server.analysis.rule import Hit, Rule
from server.analysis.source import Span


class Sign(IntFlag):
    """What a function shows about access."""

    NONE = 0
    WHO = 1
    """It asks who is there: the current user, a session, a token, a signature."""
    REFUSES = 2
    """It turns somebody away: 401, 403, a redirect to the login."""
    ROLE = 4
    """It asks what somebody may do."""
    OWNER = 8
    """It asks whose an object is."""
    LIMITS = 16
    """It counts attempts or asks a limiter."""
    ENTERS = 32
    """It logs somebody in or hands out a token."""
    LEAVES = 64
    """It ends a session."""
    PASSWORD = 128
    """It looks at a password."""
    FORM = 256
    """It reads fields of a posted form."""
    COOKIE = 512
    """It knows people by a session or a cookie, which browsers send by themselves."""
    BEARER = 1024
    """It knows people by a header, which no other site can send."""
    MACHINE = 2048
    """It checks a signature: who sends this is no user."""


class Act(IntFlag):
    """What a function does to what lasts."""

    NONE = 0
    READ = 1
    CREATE = 2
    CHANGE = 4
    DELETE = 8
    EXECUTE = 16
    COMMIT = 32


CHANGES = Act.CREATE | Act.CHANGE | Act.DELETE


@dataclass(frozen=True, slots=True)
class Decorator:
    """*name* is dotted; *words*: what stands in its parentheses, shortened; *names*: the functions named there."""

    name: str
    words: str
    span: Span
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """An object taken by a key that the request chooses, without a look at whose it is. *what*: model or table.

    *is_followed*: *acts* tells also what is done to the object afterwards, so that nothing else of the route counts.
    """

    what: str
    span: Span
    acts: Act
    is_followed: bool = False


@dataclass(frozen=True, slots=True)
class Suspect:
    """A statement that is a problem, where *needs* holds.

    "route": a request runs it; "open": and nobody asks for a role; "session": and it asks who is there;
    "own session": and for nothing more; "stranger": and it does not; "guarded fields": nobody asks for a role, and the
    class has a field that gives rights; "secret fields": the class tells secrets; "secret columns": it is a table that
    keeps some; "": anyway.
    *about*: the class that it uses, or `=` and the function that gave it an object.
    """

    rule: Rule
    hit: Hit
    needs: str = "route"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """*qualified*: `Class.method`. *depends*: what a framework calls before it (FastAPI). *head*: its `def` line."""

    name: str
    qualified: str
    head: Span
    end_line: int
    params: tuple[str, ...]
    decorators: tuple[Decorator, ...]
    depends: tuple[str, ...]
    calls: frozenset[str]
    signs: Sign
    acts: Act
    touches: frozenset[str]
    fetches: tuple[Fetch, ...]
    suspects: tuple[Suspect, ...]
    is_handler: bool
    """Takes a request by its looks: `def view(request)` in a file of a framework."""
    is_public: bool = True
    """At the top of its module, without an underscore."""
    hands_on: frozenset[str] | None = None
    """Those of its calls that get a value of the request, and none of who is there; None where nobody looked."""
    returns: str = ""
    """The declared type of its result, by its last name."""
    guesses: bool = False
    """Whether it compares a short code that was sent to somebody with one that the request says."""


@dataclass(frozen=True, slots=True)
class Class:
    """*attributes*: name -> (the words of its value, where). *told*: fields with secrets that its JSON has."""

    name: str
    head: Span
    bases: tuple[str, ...]
    decorators: tuple[Decorator, ...]
    attributes: dict[str, tuple[str, Span]]
    methods: tuple[str, ...]
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Registration:
    """A path that is given to a function or class. *owner*: dotted variable of the application, router, blueprint.

    *handler*: dotted, or the qualified name of a function of this file. *guards*: names at the registration.
    """

    owner: str
    path: str
    methods: frozenset[str]
    handler: str
    span: Span
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Router:
    """An application, router or blueprint, or (*child*) one that is put below another."""

    name: str
    prefix: str
    guards: tuple[str, ...]
    span: Span
    kind: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a class calls before its methods: Rails' `before_action`, a middleware in a Laravel controller.

    *only*, *excepted*: the methods that it stands before, or does not; empty means all, and none. *skips*: it takes an
    inherited one away. *guard*: a name with its words, as at a `Registration`.
    """

    cls: str
    guard: str
    only: frozenset[str] = frozenset()
    excepted: frozenset[str] = frozenset()
    skips: bool = False


@dataclass(frozen=True, slots=True)
class PathRule:
    """What is asked of every request to a path: Spring Security's matchers, a servlet filter.

    *pattern*: a regular expression for the whole path. *is_first*: in its file the first rule that fits decides.
    """

    pattern: str
    methods: frozenset[str]
    signs: Sign
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """`NAME = value` at module level, `app.config["NAME"] = value`, or a keyword of `config.update`.

    *within*: the class in whose body it stands.
    """

    name: str
    words: str
    span: Span
    within: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Of GraphQL: *kind* is "schema", or "explorer" where strangers may try queries in a page."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class WebFacts:
    module: str
    is_test: bool
    frameworks: frozenset[str]
    imports: frozenset[str]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    registrations: tuple[Registration, ...]
    routers: tuple[Router, ...]
    hooks: tuple[tuple[str, str], ...]
    """(owner, function): called before every request of the owner; owner "" is the whole application."""
    settings: tuple[Setting, ...]
    calls: frozenset[str]
    """Last names of everything that is called, for "there is a limiter somewhere"."""
    owned: frozenset[str]
    """Tables that have a column for their owner."""
    graphql: tuple[Endpoint, ...] = ()
    filters: tuple[Filter, ...] = ()
    path_rules: tuple[PathRule, ...] = ()
    unowned: frozenset[str] = frozenset()
    """Models whose columns are known, and of which none says whose a row is."""
    language: Language = Language.PYTHON
