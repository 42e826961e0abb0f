"""What is known of other people's libraries: where hostile values come from, where they do harm, what makes them
harmless.

Data only: the tables stand with each language (`python/models/`, `javascript/models/`, ...), the engine reads them. A
name is dotted and fully qualified, as an import resolves it (`subprocess.run`). A method is named by its type
(`sqlite3.Cursor.execute`), which `Returns` makes known (`sqlite3.connect` returns `sqlite3.Connection`). `*` stands for
exactly one part: `flask.request.*` is any attribute; `*.execute` is a method of that name on a value of *unknown*
type (a known type never matches it).
"""

from dataclasses import dataclass
from enum import StrEnum

from server.analysis.rule import Rule
from server.reviews.finding import Confidence, Severity


class Origin(StrEnum):
    """Who can choose the value. STRANGERS may be anybody."""

    REQUEST = "the request"
    MESSAGE = "a message from outside"
    BROWSER = "the page's address or a message to the window"
    UPLOAD = "an uploaded file"
    ARCHIVE = "a name in an archive"
    DOWNLOAD = "the name that a download is sent under"
    NETWORK = "an answer from the network"
    DATABASE = "the database"
    FILE = "a file"
    ENVIRONMENT = "the environment"
    ARGUMENT = "the command line"
    PARAMETER = "a parameter of a public function"


STRANGERS = frozenset({Origin.REQUEST, Origin.MESSAGE, Origin.BROWSER, Origin.UPLOAD, Origin.ARCHIVE})


class Danger(StrEnum):
    """What a hostile value may do where it arrives: each is made harmless in a way of its own."""

    SQL = "sql"
    COMMAND = "command"
    ARGUMENT = "argument"
    CODE = "code"
    TEMPLATE = "template"
    HTML = "html"
    PATH = "path"
    URL = "url"
    REDIRECT = "redirect"
    HEADER = "header"
    LOG = "log"
    XML = "xml"
    DESERIALIZATION = "deserialization"
    LDAP = "ldap"
    XPATH = "xpath"
    NOSQL = "nosql"
    REGEX = "regex"
    RESOURCE = "resource"
    ARCHIVE = "archive"
    UPLOAD = "upload"
    REFLECTION = "reflection"
    MAIL = "mail"
    FORMAT = "format"
    PROTOTYPE = "prototype"
    MASS_ASSIGNMENT = "mass assignment"
    SECRET = "secret"  # noqa: S105
    SESSION = "session"


ALL_DANGERS = frozenset(Danger)

ANY = -1
"""Among the args of a model: every positional and keyword argument."""

RECEIVER = -2
"""Among the args of a model: the object whose method is called."""

SPREAD = -3
"""Among the args of a model: the mapping in `f(**mapping)`."""

Arg = int | str
"""A position, 0-based without the receiver; the name of a keyword; ANY; RECEIVER."""


@dataclass(frozen=True, slots=True)
class Source:
    """Reading or calling any of *names* gives a value that *origin* chooses. *what*: "a query parameter", for people.

    *args*: instead of the result, these arguments (callbacks' parameters, buffers) become hostile. *spares*: what the
    value cannot do from the start (a query parameter is text, no MongoDB operator).
    """

    names: tuple[str, ...]
    origin: Origin
    what: str
    args: tuple[Arg, ...] = ()
    spares: frozenset[Danger] = frozenset()


@dataclass(frozen=True, slots=True)
class When:
    """An argument's value is one of these constants. *absent* says whether the condition holds where it is not given;
    *otherwise*, where it is given and no constant (or, without *values*, given at all).
    """

    arg: tuple[Arg, ...]
    values: tuple[object, ...]
    absent: bool = False
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Sink:
    """A hostile value among *args* of a call of *names* does *danger*; *rule* tells of it.

    *when*: all must hold (`shell=True`). *unless*: none may. *built*: only where the value is put together with other
    text, or is the whole text (a bare `execute(query_from_request)` counts). *assigned*: the names are attributes
    that are assigned to (`*.innerHTML`) instead of functions. *within*: what arrives stands among markup, though none
    is put together with it. *parts*: also what an object holds that is handed over counts (`extra(select={...})`).
    *key*: only what it holds by that key does. *keys*: only what chooses its keys, whatever it holds by them. *plain*:
    what an unknown function made of the value is most often an object, which is sent as JSON, and does not count.
    *text*: a pattern that the constant pieces of the text must match (`select .* from`),
    where the name alone tells too little. *confidence* and *severity* override the rule's.
    """

    names: tuple[str, ...]
    danger: Danger
    rule: Rule
    args: tuple[Arg, ...] = (0,)
    when: tuple[When, ...] = ()
    unless: tuple[When, ...] = ()
    assigned: bool = False
    within: bool = False
    parts: bool = False
    key: str = ""
    keys: bool = False
    plain: bool = False
    text: str = ""
    message: str = ""
    confidence: Confidence | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Sanitizer:
    """The result of calling *names* cannot do *dangers* any more, whatever went in. *when* as in `Sink`.

    *into*: not the result but this (RECEIVER), which the call limits: `stream.setObjectInputFilter(filter)`.
    """

    names: tuple[str, ...]
    dangers: frozenset[Danger]
    when: tuple[When, ...] = ()
    into: Arg | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """A test by *names* (called on or with the value) that decides whether the code goes on makes it harmless to
    *dangers*.

    Comparison with constants, `in` a collection of constants, and type tests are known to the engine.
    """

    names: tuple[str, ...]
    dangers: frozenset[Danger]


@dataclass(frozen=True, slots=True)
class Through:
    """A call whose result (or, *into*, whose receiver or argument) carries only *args*.

    Of a function that no table knows, the result carries all that goes in.
    """

    names: tuple[str, ...]
    args: tuple[Arg, ...]
    into: Arg | None = None


@dataclass(frozen=True, slots=True)
class Harmless:
    """The result carries nothing: a number, a truth, a digest."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Returns:
    """Calling, entering, awaiting or reading any of *names* gives an instance of *type*.

    *into*: the call makes its receiver one instead (RECEIVER): `xstream.allowTypes(types)`. *when* as in `Sink`.
    """

    names: tuple[str, ...]
    type: str
    into: Arg | None = None
    when: tuple[When, ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """*names* calls back the function that is its argument *arg*, with what is in *args* (`map`, `Array.forEach`,
    `threading.Thread(target=f, args=...)`), or with values of *origin*: `app.get(path, handler)`.

    *parameters*: what each of the callback's parameters is: a type (`express.Request`) or "".
    """

    names: tuple[str, ...]
    arg: Arg
    args: tuple[Arg, ...] = ()
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A function that a framework calls with hostile values.

    Known by a decorator (*decorators*, `*.route`), by the class it is a method of (*bases*, with *methods*), or by both
    annotation and position. *types*: parameter name or position -> type (`request` -> `django.http.HttpRequest`);
    *origin* is that of its other parameters (path parameters), unless annotated with a harmless type. With *methods*
    alone, any function of that name (`lambda_handler`); with *types* alone, any function that has parameters of these
    names, one of them first and without an annotation. *imports*: only in modules that import one of these packages.
    *when*: of the decorator's call. *answers*: what the function returns counts as the argument of a call of this name.
    *plain*: a parameter of a declared type is an object that the framework makes or fetches. *spares*: as of `Source`.
    """

    origin: Origin
    what: str
    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    types: tuple[tuple[Arg, str], ...] = ()
    imports: tuple[str, ...] = ()
    when: tuple[When, ...] = ()
    answers: str = ""
    plain: bool = False
    spares: frozenset[Danger] = frozenset()


@dataclass(frozen=True, slots=True)
class Subtype:
    """An instance of *type* has the methods and attributes of *base* too."""

    type: str
    base: str


@dataclass(frozen=True, slots=True)
class Shared:
    """All of *names* (types, and things of a library) mean one and the same object of a program: what is assigned to
    its attributes and items under one of them is found under the others (`app["client"]`, `request.app["client"]`).

    *parameters*: so do parameters of these names that declare no type, in modules that import one of *imports*.
    """

    names: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


Model = Source | Sink | Sanitizer | Guard | Through | Harmless | Returns | Calls | EntryPoint | Subtype | Shared
