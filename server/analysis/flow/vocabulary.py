"""The models of a language, found by name. Answers are remembered: a program uses few names often."""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy

from server.analysis.flow.models import (
    Calls,
    EntryPoint,
    Guard,
    Harmless,
    Model,
    Returns,
    Sanitizer,
    Shared,
    Sink,
    Source,
    Subtype,
    Through,
)


class Words:
    """Everything that the models say of one name."""

    __slots__ = (
        "assigned",
        "becomes",
        "calls",
        "choices",
        "guards",
        "harmless",
        "limits",
        "returns",
        "sanitizers",
        "sinks",
        "sources",
        "throughs",
    )

    def __init__(self, models: Iterable[Model]) -> None:
        self.sources: list[Source] = []
        self.sinks: list[Sink] = []
        self.assigned: list[Sink] = []
        self.sanitizers: list[Sanitizer] = []
        self.guards: list[Guard] = []
        self.throughs: list[Through] = []
        self.calls: list[Calls] = []
        self.harmless = False
        self.returns = ""
        self.becomes = ""
        self.choices: list[Returns] = []
        self.limits: list[Sanitizer] = []
        for model in models:
            if isinstance(model, Source):
                self.sources.append(model)
            elif isinstance(model, Sink):
                (self.assigned if model.assigned else self.sinks).append(model)
            elif isinstance(model, Sanitizer):
                (self.sanitizers if model.into is None else self.limits).append(model)
            elif isinstance(model, Guard):
                self.guards.append(model)
            elif isinstance(model, Through):
                self.throughs.append(model)
            elif isinstance(model, Calls):
                self.calls.append(model)
            elif isinstance(model, Harmless):
                self.harmless = True
            elif isinstance(model, Returns):
                if model.into is not None:
                    self.becomes = model.type
                elif model.when:
                    self.choices.append(model)
                else:
                    self.returns = self.returns or model.type


NO_WORDS = Words(())


class Vocabulary:
    def __init__(self, models: Iterable[Model]) -> None:
        self.entry_points: list[EntryPoint] = []
        self._exact: dict[str, list[Model]] = defaultdict(list)
        self._patterns: dict[tuple[int, str], list[tuple[list[str], Model]]] = defaultdict(list)
        self._unknown: dict[str, list[Model]] = defaultdict(list)
        self._bases: dict[str, list[str]] = defaultdict(list)
        self._prefixes: set[str] = set()
        self._owners: set[str] = set()
        self._shared: dict[str, str] = {}
        self.shared_parameters: dict[str, list[Shared]] = defaultdict(list)
        """By the names of parameters."""
        self.roots: set[str] = set()
        self.assigned: set[str] = set()
        """Attributes to which assigning is told of, by their last name."""
        for model in models:
            self._add(model)
        self._answers: dict[str, Words] = {}
        self._unknown_answers: dict[str, Words] = {}

    def for_another_program(self) -> "Vocabulary":
        """The same models, which take long to sort, without the answers about the names of this one."""
        other = copy(self)
        other._answers, other._unknown_answers = {}, {}
        return other

    def _add(self, model: Model) -> None:
        if isinstance(model, EntryPoint):
            self.entry_points.append(model)
            for name in (*model.decorators, *model.bases, *(kind for _, kind in model.types)):
                self._know(name)
            return
        if isinstance(model, Subtype):
            self._bases[model.type].append(model.base)
            self._know(model.type)
            self._know(model.base)
            return
        if isinstance(model, Returns):
            self._know(model.type)
        if isinstance(model, Shared):
            for parameter in model.parameters:
                self.shared_parameters[parameter].append(model)
            for name in model.names:
                self._shared[name] = model.names[0]
                self._know(name)
            return
        for name in model.names:
            self._know(name)
            if isinstance(model, Sink) and model.assigned:
                self.assigned.add(name.rpartition(".")[2])
            if name.startswith("*."):
                self._unknown[name[2:]].append(model)
            elif "*" in name:
                parts = name.split(".")
                self._patterns[len(parts), parts[-1]].append((parts, model))
            else:
                self._exact[name].append(model)

    def _know(self, name: str) -> None:
        if name.startswith("*"):
            return
        self.roots.add(name.partition(".")[0])
        while name:
            self._prefixes.add(name)
            name = name.rpartition(".")[0]
            self._owners.add(name)

    def knows(self, name: str) -> bool:
        """Whether some model speaks of the name, or of something in it."""
        return name in self._prefixes

    def knows_parts_of(self, name: str) -> bool:
        """Whether some model speaks of something in it."""
        return name in self._owners

    def of(self, name: str) -> Words:
        """Of a name that is known through and through."""
        words = self._answers.get(name)
        if words is None:
            models = self._find(name)
            words = self._answers[name] = Words(models) if models else NO_WORDS
        return words

    def of_unknown(self, name: str) -> Words:
        """Of an attribute of a value whose type is not known: `execute`, or `objects.raw`."""
        words = self._unknown_answers.get(name)
        if words is None:
            models = list(self._unknown.get(name, ()))
            if "." in name:
                models.extend(self._unknown.get(name.rpartition(".")[2], ()))
            words = self._unknown_answers[name] = Words(models) if models else NO_WORDS
        return words

    def kinds_of(self, name: str) -> set[str]:
        """A type, and all that it is one of."""
        kinds = {name}
        waiting = [name]
        for kind in waiting:
            for base in self._bases.get(kind, ()):
                if base not in kinds:
                    kinds.add(base)
                    waiting.append(base)
        return kinds

    def names_method(self, name: str) -> bool:
        """Whether a model speaks of a method of that name of a value of unknown type."""
        return name in self._unknown

    def shared(self, name: str) -> str:
        """The one name of an object that goes by several, or ""."""
        found = self._shared.get(name)
        if found is None:
            kinds = self.kinds_of(name)
            found = next((self._shared[kind] for kind in sorted(kinds) if kind in self._shared), "")
            self._shared[name] = found
        return found

    def aliases_of(self, name: str) -> set[str]:
        """The names of the same attribute under the types that its owner is one of."""
        owner, _, attribute = name.rpartition(".")
        return {f"{kind}.{attribute}" for kind in self.kinds_of(owner)}

    def _find(self, name: str) -> list[Model]:
        """The type's own models go before those of the types that it is one of."""
        seen = set()
        waiting = [name]
        for candidate in waiting:
            models = [*self._exact.get(candidate, ()), *self._matching(candidate)]
            if models:
                return models
            owner, _, attribute = candidate.rpartition(".")
            for base in self._bases.get(owner, ()):
                if base not in seen:
                    seen.add(base)
                    waiting.append(f"{base}.{attribute}")
        return []

    def _matching(self, name: str) -> list[Model]:
        parts = name.split(".")
        groups = (self._patterns.get((len(parts), parts[-1]), ()), self._patterns.get((len(parts), "*"), ()))
        return [
            model
            for group in groups
            for pattern, model in group
            if all(wanted in ("*", part) for wanted, part in zip(pattern, parts, strict=True))
        ]
