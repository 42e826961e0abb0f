"""What a review tells of callers: of the files that it read, as far as there is time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from server.analysis.budget import Budget, OutOfTime
from server.analysis.calls.callers import Called as Found
from server.analysis.calls.callers import CallIndex
from server.analysis.flow.check import CHECK
from server.analysis.flow.program import Module
from server.analysis.review import Reading
from server.reviews.snapshot import Called, Caller

MAX_CALLED = 1_000
"""Functions and classes of one review; those beyond are passed over."""

MAX_CALLERS = 100
"""Places of one of them; the others are counted."""

MAX_PLACES = 5_000
"""Of all of them: doors read the report on their event loops."""


def called_in(
    index: CallIndex, paths: Sequence[str], readings: Mapping[str, Reading], budget: Budget
) -> tuple[Called, ...]:
    """What *paths* define, and who calls it in all that was read. Nothing where time runs out, or a bug of ours."""
    modules: dict[str, Module] = {
        path: module for path, reading in readings.items() if (module := reading.facts.get(CHECK.name)) is not None
    }
    try:
        found = index.callers(paths, modules, budget)
    except OutOfTime:
        return ()
    except Exception:  # As with the rules: it must not cost the review.
        return ()
    return tuple(_told(found[:MAX_CALLED]))


def _told(found: Iterable[Found]) -> Iterator[Called]:
    room = MAX_PLACES
    for path, name, line, callers in found:
        shown = callers[: min(room, MAX_CALLERS)]
        room -= len(shown)
        yield Called(path, name, line, len(callers), tuple(Caller(*place) for place in shown))
