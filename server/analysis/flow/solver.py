"""All functions of a project, evaluated until nothing more comes out.

A function is evaluated on its own; what others need to know of it is its summary. What classes' attributes and modules'
variables hold is collected in one store. Whoever read a summary or a part of the store that changes is evaluated again.
"""

from collections import defaultdict, deque
from heapq import heappop, heappush

from server.analysis.budget import Budget, OutOfTime
from server.analysis.flow import entries
from server.analysis.flow.evaluation import Evaluation
from server.analysis.flow.frames import Frame, StoreKey, Summary
from server.analysis.flow.portable import flat, is_same_summary, is_same_value, of_parameters, portable
from server.analysis.flow.references import Instance, Library
from server.analysis.flow.scopes import ModuleScope, Unit
from server.analysis.flow.statements import run
from server.analysis.flow.store import Store
from server.analysis.flow.values import NOTHING, Value, join
from server.analysis.flow.vocabulary import Vocabulary

MAX_NESTED = 14
"""Functions that are evaluated within each other; deeper ones wait for their turn."""

MAX_TURNS = 3
"""How often one function is evaluated at most."""

MAX_EFFECTS = 16
"""How many parts of its parameters a function is known to write."""

STATEMENTS_AT_A_TIME = 16
"""Between two looks at the clock."""

_EMPTY = Summary()


class Outcome:
    """Of one evaluation: its summary, and what it put into the store."""

    __slots__ = ("summary", "writes")

    def __init__(self, summary: Summary, writes: dict[StoreKey, Value]) -> None:
        self.summary = summary
        self.writes = writes


class Solver(Evaluation):
    def __init__(self, vocabulary: Vocabulary, outside: frozenset[str] = frozenset()) -> None:
        super().__init__(vocabulary, outside)
        self.outcomes: dict[str, Outcome] = {}
        self.speaking: set[str] = set()
        """The functions whose summaries tell of sinks: of a large project's, one in a hundred."""
        self.store = Store()
        self.readers: dict[str, set[str]] = defaultdict(set)
        """Of a function's summary: the functions that call it."""
        self._reads: dict[str, set[str]] = defaultdict(set)
        self.askers: dict[str, set[str]] = defaultdict(set)
        """Of a method's name: the functions that wanted to know which class has it."""
        self.former: dict[str, Outcome] = {}
        """What functions told before their file, or what they read, changed; of new ones, nothing."""
        self.failures: dict[str, str] = {}
        """Functions that could not be evaluated, and the kind of error."""
        self._pending: dict[str, dict[StoreKey, Value]] = {}
        self._active: set[str] = set()
        self._turns: dict[str, int] = defaultdict(int)
        self._queue: deque[str] = deque()
        self._again: list[tuple[int, str]] = []
        """Who looks again, those first whom others call: what comes out for them is heard once, not in pieces."""
        self._places: dict[str, int] = {}
        """In which order functions were done for the first time, each after those that it calls."""
        self._queued: set[str] = set()
        self._budget: Budget | None = None
        self._statements = 0

    # The work

    def enqueue(self, key: str) -> None:
        if key not in self._queued:
            self._queued.add(key)
            place = self._places.get(key)
            if place is None or key not in self.outcomes:
                self._queue.append(key)
            else:
                heappush(self._again, (place, key))

    def solve(self, budget: Budget) -> None:
        """Evaluate what is in the queue, and what that brings along."""
        self._budget = budget
        self._turns.clear()
        while self._queue or self._again:
            key = self._queue.popleft() if self._queue else heappop(self._again)[1]
            if key not in self._queued:
                continue  # Somebody who called it has not waited for its turn.
            unit = self.project.units.get(key)
            if unit is not None and self._turns[key] < MAX_TURNS:
                self._evaluate(unit)
            else:
                self._queued.discard(key)

    def forget(self, key: str) -> None:
        """Take back all that a function has told; it is kept to compare with."""
        outcome = self.outcomes.pop(key, None)
        self.speaking.discard(key)
        self.former[key] = outcome if outcome is not None else Outcome(_EMPTY, {})
        self.store.forget(key)
        self.failures.pop(key, None)
        for read in self._reads.pop(key, ()):
            self.readers[read].discard(key)

    def reads(self, key: str) -> set[str]:
        """The functions of which a function reads what they tell."""
        return self._reads.get(key, set()) | self.store.writers_for(key)

    def callers(self, key: str) -> set[str]:
        return self.readers.get(key, set()) - {key}

    def go_on(self) -> None:
        self._statements += 1
        if self._budget is not None and not self._statements % STATEMENTS_AT_A_TIME:
            self._budget.spend()

    def _evaluate(self, unit: Unit) -> None:
        if self._budget is not None:
            self._budget.spend()
        key = unit.key
        self._queued.discard(key)
        self._turns[key] += 1
        self._active.add(key)
        self._pending[key] = {}
        outer_runs, self.inner_runs = self.inner_runs, 0
        try:
            summary = self._summarized(unit)
        except OutOfTime:
            raise
        except Exception as error:  # A function that we cannot read must not cost the others.
            self.failures[key] = type(error).__name__
            summary = Summary()
        finally:
            self._active.discard(key)
            self.inner_runs = outer_runs
        self._commit(key, Outcome(summary, self._pending.pop(key)))

    def _summarized(self, unit: Unit) -> Summary:
        frame = Frame(self, unit, unit.function)
        function = unit.function
        if function is None:
            run(unit.scope.module.body, frame)
            for name, value in frame.variables.items():
                self.write((unit.scope.name, name), value, frame)
        else:
            entries.bind_parameters(function, unit, frame, symbolic=True)
            run(function.body, frame)
        self.finish(frame)
        summary = frame.summary
        summary.result = portable(frame.result, depth=1)
        summary.facts = of_parameters(frame.exits)
        summary.truth = of_parameters(frame.truths)
        summary.close()
        return summary

    def _commit(self, key: str, outcome: Outcome) -> None:
        """Keep what came out; whoever used something of it that is different now has to look again."""
        before = self.outcomes.get(key)
        former = self.former.get(key) if before is None else None
        self.outcomes[key] = outcome
        if outcome.summary.arrivals or outcome.summary.reaches:
            self.speaking.add(key)
        else:
            self.speaking.discard(key)
        self._tell(key, before, former, outcome.summary)
        known = before or former
        self._places.setdefault(key, len(self._places))
        writes = outcome.writes
        if before is not None and self.former:  # What it does not write any more must not stay.
            writes = {**dict.fromkeys(before.writes, NOTHING), **writes}
        for store_key, value in writes.items():
            put = self.store.replace if writes is not outcome.writes else self.store.put
            if put(store_key, key, value):
                was = known.writes.get(store_key) if known is not None else None
                is_known = was is not None and is_same_value(was, value)
                for reader in sorted(self.store.readers(store_key)):
                    if reader != key and not (is_known and former is not None and reader not in self.former):
                        self.enqueue(reader)

    def _tell(self, key: str, before: Outcome | None, former: Outcome | None, summary: Summary) -> None:
        """Those who forgot everything heard nothing yet; the others still know what it told *former*ly."""
        readers = self.readers.get(key)
        if not readers:
            return
        is_new = not is_same_summary(before.summary if before is not None else _EMPTY, summary)
        is_changed = is_new if former is None else not is_same_summary(former.summary, summary)
        for reader in sorted(readers):
            if (is_new if reader in self.former else is_changed) and (reader != key or before is None):
                self.enqueue(reader)

    # What evaluations ask for

    def summary(self, unit: Unit, frame: Frame) -> Summary:
        key, reader = unit.key, frame.unit.key
        if key not in self.outcomes and key not in self._active:
            if len(self._active) < MAX_NESTED:
                self._evaluate(self.project.units.get(key, unit))  # Who waits for the answer need not be told of it.
            else:
                self.enqueue(key)
        self.readers[key].add(reader)
        self._reads[reader].add(key)
        known = self.outcomes.get(key)
        return known.summary if known is not None else _EMPTY

    def stored(self, key: StoreKey, frame: Frame) -> Value:
        reader = frame.unit.key
        value = self.store.read(key, reader)
        pending = self._pending.get(reader)
        own = pending.get(key) if pending else None
        return value if own is None else join(value, own)

    def variable(self, scope: ModuleScope, name: str, frame: Frame) -> Value:
        unit = self.project.modules.get(scope.name, scope).unit
        if unit.key not in self.outcomes and unit.key not in self._active and len(self._active) < MAX_NESTED:
            self._evaluate(unit)
        return self.stored((scope.name, name), frame)

    def write(self, key: StoreKey, value: Value, frame: Frame) -> None:
        moved = flat(portable(value, keep_parameters=False, depth=1))
        if moved is NOTHING:
            return
        pending = self._pending[frame.unit.key]
        known = pending.get(key)
        if known is not moved:
            pending[key] = moved if known is None else join(known, moved)

    def effect(self, frame: Frame, parameter: int, keys: tuple[str, ...], value: Value) -> None:
        """A part of a parameter is written. What comes from the parameter itself is nothing new in it."""
        moved = portable(value, depth=1)
        if len(keys) > 1:
            moved = Value(moved.whole)
        taints = moved.taints
        foreign = tuple([t for t in taints if t.seed.parameter != parameter])
        if len(foreign) != len(taints):
            moved = Value(foreign, moved.refs, moved.const, moved.text, moved.fields)
        if not foreign and not moved.refs and moved.fields is None:
            return
        effects = frame.summary.effects
        known = effects.get((parameter, keys[:1]))
        if known is not None:
            effects[parameter, keys[:1]] = join(known, moved)
        elif len(effects) < MAX_EFFECTS:
            effects[parameter, keys[:1]] = moved

    def method_named(self, name: str, frame: Frame) -> Unit | None:
        """The project's only method of that name."""
        self.askers[name].add(frame.unit.key)
        found = self.project.methods_named(name)
        return found[0] if len(found) == 1 else None

    def learn_types(self, unit: Unit, values: list[Value | None], frame: Frame) -> None:
        """What is handed over tells the types of parameters that declare none."""
        assert unit.function is not None
        for param, value in zip(unit.function.params, values, strict=True):
            if value is not None and value.refs and param.annotation is None:
                refs = tuple(
                    r
                    for r in value.refs
                    if isinstance(r, Instance)
                    or (isinstance(r, Library) and (r.is_instance or self.vocabulary.shared(r.name)))
                )
                if refs:
                    self.write((unit.key, param.name), Value((), refs), frame)
