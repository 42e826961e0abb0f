"""From what arrives at sinks to problems: whose values count where, how bad it is, and the way in words. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from server.analysis.flow.frames import Arrival, Reach
from server.analysis.flow.models import STRANGERS, Danger, Origin, Sink
from server.analysis.flow.origins import is_heard
from server.analysis.flow.program import Name
from server.analysis.flow.references import Library
from server.analysis.flow.rules import ARCHIVE_EXTRACTION
from server.analysis.flow.scopes import Unit
from server.analysis.flow.solver import Solver
from server.analysis.flow.taints import BUILT, DERIVED, SHELLED, VAGUE, Step
from server.analysis.flow.values import HOLE
from server.analysis.project import Found
from server.analysis.rule import Hit, Problem
from server.analysis.source import Span
from server.reviews.finding import Confidence, Location, Severity

_MILDER = {
    Severity.CRITICAL: Severity.MEDIUM,
    Severity.HIGH: Severity.MEDIUM,
    Severity.MEDIUM: Severity.LOW,
    Severity.LOW: Severity.LOW,
}

_SQL = re.compile(
    r"\b(?:select\b.+\bfrom|insert\s+(?:or\s+\w+\s+)?into|update\b.+\bset|delete\s+from|replace\s+into|where\b"
    r"|(?:drop|alter|create|truncate)\s+(?:table|database|user|role|schema)|union\s+(?:all\s+)?select)",
    re.IGNORECASE | re.DOTALL,
)

_FILTER = re.compile(r"\s*\([&|!(]*\w+=[^?]*\)\s*$")
"""Of LDAP, as it looks when it is whole."""

_QUOTED = re.compile(rf"(?:=|<|>|\b(?:i?like|in))\s*\(?\s*'%?{HOLE}", re.IGNORECASE)
"""A piece of a statement: the value stands between quotes."""

MAX_RELATED = 10


def problems(solver: Solver) -> Iterator[Found]:
    """One for each sink and rule: the worst origin, the shortest way. The same in whichever order functions were looked
    at.
    """
    best: dict[tuple[str, Span, str], tuple[tuple[int, int], Arrival | Reach, Origin]] = {}
    for key in sorted(solver.speaking):
        unit = solver.project.units.get(key)
        if unit is None or unit.scope.module.is_test:
            continue
        summary = solver.outcomes[key].summary
        for arrival in summary.arrivals.values():
            given = arrival.given
            if given.unless_called and solver.callers(given.unless_called):
                continue
            if is_heard(given.origin, arrival.sink.danger) and _is_told_of(arrival):
                _keep(best, arrival, given.origin)
        reaches = summary.reaches
        if reaches and unit.function is not None and not solver.callers(key):
            for reach in reaches.values():
                if _speaks_of_parameter(reach, unit):
                    _keep(best, reach, Origin.PARAMETER)
                elif _is_text_column(reach, unit, solver):
                    _keep(best, reach, Origin.DATABASE)
    told: dict[tuple[str, str, object], list[int]] = defaultdict(list)
    crowd = _crowd([(found, origin) for _, found, origin in best.values()], solver)
    for _, found, origin in best.values():
        if found in crowd or _length(found) > LONGEST_WAY:
            continue
        if origin is Origin.ARGUMENT and found.sink.danger is Danger.COMMAND:
            # whoever starts the program may start others, too: once is enough
            if told[found.unit, found.sink.rule.id, origin]:
                continue
            told[found.unit, found.sink.rule.id, origin].append(found.span.start_line)
        if (
            isinstance(found, Arrival)
            and origin is Origin.ARCHIVE
            and found is not _first_of_name(found, best.values())
        ):
            continue
        lines = told[found.unit, found.sink.rule.id, found.source]
        if found.sink.danger in _OF_ONE_VALUE and any(abs(line - found.span.start_line) <= NEAR for line in lines):
            continue
        lines.append(found.span.start_line)
        problem = _problem(found, origin, solver)
        if problem is not None:
            yield problem


MAX_FAR = 2
"""Places in other files that one message is told to reach, by one rule; or a value of a request by a long way."""

MAX_SAME = 25
"""Places that one value is told to reach by one rule: whoever reads of so many knows what it is about."""

LONG_WAY = 7
LONGEST_WAY = 9
"""From function to function. Each of them may clean the value in a manner that nobody here sees."""

MAX_PUBLIC = 10
"""Functions that nobody calls and that make markup: a program with more of them makes its pages so, by means that it
does not show.
"""


def _length(found: Arrival | Reach) -> int:
    """Of the way, without the names that the value gets on it: layers are long, assignments are not."""
    return sum(not step.is_named for step in found.steps)


def _crowd(all_: Sequence[tuple[Arrival | Reach, Origin]], solver: Solver) -> set[Arrival | Reach]:
    """What is told of too often to be as many mistakes: what one message of a socket, one name of an archive, or one
    value of a request by a long way reaches in other files, but for the nearest, since a program that talks with itself
    would be told of wherever it opens a file; and the markup of public functions where there are many.
    """
    same: dict[tuple[object, str], list[Arrival]] = defaultdict(list)
    far: dict[tuple[object, str], list[Arrival]] = defaultdict(list)
    public: dict[Danger, list[Reach]] = defaultdict(list)
    for found, origin in all_:
        if isinstance(found, Reach):
            if origin is Origin.PARAMETER and found.sink.danger is Danger.HTML:
                public[found.sink.danger].append(found)
            continue
        same[found.given.place, found.sink.rule.id].append(found)
        if origin in (Origin.MESSAGE, Origin.ARCHIVE, Origin.NETWORK) or _length(found) >= LONG_WAY:
            read, done = (solver.project.units.get(key) for key in (found.given.place[0], found.unit))
            if read is not None and done is not None and read.scope is not done.scope:
                far[found.given.place, found.sink.rule.id].append(found)
    crowd: set[Arrival | Reach] = set()
    for most, groups in ((MAX_FAR, far), (MAX_SAME, same)):
        for group in groups.values():
            crowd.update(sorted(group, key=lambda each: (len(each.steps), each.unit, each.span))[most:])
    for reaches in public.values():
        if len(reaches) > MAX_PUBLIC:
            crowd.update(reaches)
    return crowd


def _first_of_name(found: Arrival, all_: Iterable[tuple[object, Arrival | Reach, Origin]]) -> Arrival:
    """A name of an archive is one mistake, however many files are made by it, some by helpers."""
    same = [other for _, other, _ in all_ if isinstance(other, Arrival) and other.given is found.given]
    return min(same, key=lambda other: (other.unit != other.given.place[0], other.span))


_OF_ONE_VALUE = frozenset({Danger.PATH, Danger.ARCHIVE, Danger.URL, Danger.REDIRECT, Danger.RESOURCE, Danger.UPLOAD})
"""Where one value that is used several times in a row is one mistake: `if os.path.exists(p): os.remove(p)`."""

NEAR = 10
"""Lines."""


def _is_told_of(arrival: Arrival) -> bool:
    """What somebody put into the database counts where a page is put together from it by hand, and it is a text; and in
    a statement between quotes, which end where the value says so.
    """
    if arrival.given.origin is not Origin.DATABASE:
        return True
    if arrival.sink.danger is Danger.SQL:
        is_built = arrival.is_text and bool(arrival.flags & BUILT)
        return is_built and _QUOTED.search(arrival.text or "") is not None and not arrival.flags & VAGUE
    return arrival.is_text and (arrival.sink.within or (bool(arrival.flags & BUILT) and "<" in (arrival.text or "")))


def _keep(
    best: dict[tuple[str, Span, str], tuple[tuple[int, int], Arrival | Reach, Origin]],
    found: Arrival | Reach,
    origin: Origin,
) -> None:
    key = (found.unit, found.span, found.sink.rule.id)
    rank = (_RANKS.index(origin), len(found.steps))
    known = best.get(key)
    if known is None or rank < known[0]:
        best[key] = (rank, found, origin)


_RANKS = [
    *(Origin.REQUEST, Origin.BROWSER, Origin.MESSAGE, Origin.UPLOAD, Origin.ARCHIVE, Origin.NETWORK),
    *(Origin.DOWNLOAD, Origin.ARGUMENT, Origin.PARAMETER, Origin.DATABASE, Origin.FILE, Origin.ENVIRONMENT),
]


def _speaks_of_parameter(reach: Reach, unit: Unit) -> bool:
    """A parameter that nobody in the project fills: only where programs are put together from it."""
    seed = reach.seed
    danger = reach.sink.danger
    if danger is Danger.ARGUMENT and reach.flags & SHELLED:
        danger = Danger.COMMAND
    if not is_heard(Origin.PARAMETER, danger):
        return False
    if (
        seed.parameter == 0
        and unit.is_bound
        and not (danger is Danger.HTML and seed.depth and "<" in (reach.text or ""))
    ):
        return False
    if reach.flags & VAGUE:
        return False
    if danger is Danger.DESERIALIZATION and _is_reader(unit, seed.parameter):
        return False
    if danger is Danger.CODE and not _CALLERS.isdisjoint(reach.sink.names):
        return False  # a function that is given one to call
    is_built = bool(reach.flags & BUILT)
    if danger is Danger.SQL:
        if seed.depth and reach.unit != unit.key:
            return False  # a part of what a function is given, and made a statement by another one
        text = reach.text if is_built and reach.text is not None else ""
        return _SQL.search(text.replace(HOLE, " ")) is not None or _QUOTED.search(text) is not None
    if danger is Danger.HTML and seed.depth and not (seed.parameter == 0 and unit.is_bound):
        return False  # a part of what a helper is given to show: its callers know whose it is
    if danger is Danger.LDAP:
        return is_built and _FILTER.match(reach.text or "") is not None
    if danger in (Danger.TEMPLATE, Danger.HTML):
        return is_built and (reach.sink.assigned or not _is_known_by_name_alone(reach.sink))
    return True


_CALLERS = frozenset({"call_user_func", "setTimeout"})

_TEXT_COLUMN = re.compile(r"\.models\.(?:fields\.)?(?:TextField|CharField)$")


def _is_text_column(reach: Reach, unit: Unit, solver: Solver) -> bool:
    """`mark_safe(self.body)` in a model: a template shows it, which calls the method, and a person wrote it."""
    seed = reach.seed
    if reach.sink.danger is not Danger.HTML or seed.parameter != 0 or not unit.is_bound or seed.depth != 1:
        return False
    if unit.owner is None or reach.flags & (VAGUE | DERIVED) or _is_known_by_name_alone(reach.sink):
        return False
    column = solver.store.known((unit.owner.key, seed.key))
    kinds = [ref.name for ref in column.refs if isinstance(ref, Library)]
    return any(map(_TEXT_COLUMN.search, kinds))


def _is_reader(unit: Unit, parameter: int) -> bool:
    """Of `void readObject(ObjectInputStream in)`: who made the stream knows whose it is."""
    params = unit.function.params if unit.function is not None else []
    kind = params[parameter].annotation if parameter < len(params) else None
    return isinstance(kind, Name) and kind.id in ("ObjectInputStream", "ObjectInput", "XMLDecoder")


def _is_known_by_name_alone(sink: Sink) -> bool:
    """`element.html(text)`: neither what it is nor what it is given is known."""
    return not sink.text and all(name.startswith("*.") for name in sink.names)


def _problem(found: Arrival | Reach, origin: Origin, solver: Solver) -> Found | None:
    sink = found.sink
    unit = solver.project.units.get(found.unit)
    if unit is None:
        return None
    severity = sink.severity or sink.rule.severity
    confidence = sink.confidence or Confidence.HIGH
    if origin not in STRANGERS:
        severity = _MILDER[severity]
        confidence = Confidence.MEDIUM if sink.confidence is None else Confidence.LOW
    if origin is Origin.PARAMETER and sink.danger is Danger.SQL:
        severity = Severity.HIGH
    related = _related(found.steps, solver)
    hit = Hit(
        _absolute(found.span, unit.line),
        _message(found, origin, related),
        severity=severity,
        confidence=confidence,
        related=related,
        is_flow=True,
    )
    rule = ARCHIVE_EXTRACTION if origin is Origin.ARCHIVE else sink.rule
    return Found(unit.scope.module.path, Problem(rule, hit))


def _absolute(span: Span, base: int) -> Span:
    return Span(span.start_line + base, span.start_column, span.end_line + base, span.end_column)


def _related(steps: tuple[Step, ...], solver: Solver) -> tuple[Location, ...]:
    places = []
    for step in steps:
        unit = solver.project.units.get(step.unit)
        if unit is not None:
            line = step.line + unit.line
            places.append(Location(unit.scope.module.path, line, line, _sentence(step.message)))
    if len(places) > MAX_RELATED:
        places = [*places[: MAX_RELATED // 2], *places[-MAX_RELATED // 2 :]]
    return tuple(places)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _message(found: Arrival | Reach, origin: Origin, related: tuple[Location, ...]) -> str:
    sink: Sink = found.sink
    where = f" ({related[0].path}:{related[0].start_line})" if isinstance(found, Arrival) and related else ""
    if isinstance(found, Arrival):
        what = found.given.what
    else:
        what = "a text column" if origin is Origin.DATABASE else _PARTS[found.seed.depth > 0]
    return f"{_sentence(what)}{where} {sink.message or _REACHES.get(sink.danger, 'reaches a place where it does harm')}"


_PARTS = ("a parameter of a public function", "a part of a parameter of a public function")

_REACHES: dict[Danger, str] = {
    Danger.SQL: "reaches the SQL text",
    Danger.COMMAND: "reaches a command",
    Danger.ARGUMENT: "becomes an argument of a command",
    Danger.CODE: "is run as code",
    Danger.TEMPLATE: "becomes part of a template",
    Danger.HTML: "reaches the page as markup",
    Danger.PATH: "chooses the path of a file",
    Danger.URL: "chooses the address that the server connects to",
    Danger.REDIRECT: "chooses where the browser goes",
    Danger.HEADER: "reaches a header",
    Danger.LOG: "reaches the log",
    Danger.XML: "is parsed as XML with entities",
    Danger.DESERIALIZATION: "is deserialized",
    Danger.LDAP: "reaches an LDAP query",
    Danger.XPATH: "reaches an XPath expression",
    Danger.NOSQL: "reaches a query of a document database",
    Danger.REGEX: "becomes a regular expression",
    Danger.RESOURCE: "decides how much work is done",
    Danger.ARCHIVE: "decides where an archive is unpacked",
    Danger.UPLOAD: "is stored as it was uploaded",
    Danger.REFLECTION: "chooses what is called",
    Danger.MAIL: "reaches the head of a mail",
    Danger.FORMAT: "is used as a format",
    Danger.PROTOTYPE: "chooses the property that is written",
    Danger.MASS_ASSIGNMENT: "chooses the fields that are written",
    Danger.SECRET: "goes out with a secret",
    Danger.SESSION: "becomes part of the session",
}
