"""What a value may stand for: a thing of a library, or of the project.

A reference is compared by its `key`. Those of the project (functions, classes, modules) are in `scopes.py`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from server.analysis.flow.program import Function
    from server.analysis.flow.scopes import ClassScope, Unit
    from server.analysis.flow.values import Value


class Library:
    """Something of a library by its full name; *is_instance*: a value of the type of that name."""

    __slots__ = ("is_instance", "key", "name")

    def __init__(self, name: str, *, is_instance: bool = False) -> None:
        self.name = name
        self.is_instance = is_instance
        self.key = ("library", name)


class Instance:
    """An object of a class of the project."""

    __slots__ = ("key", "of")

    def __init__(self, of: "ClassScope") -> None:
        self.of = of
        self.key = ("instance", of.key)


class Row:
    """An object of a class of the project that a query gave: its methods are known, what it holds is not."""

    __slots__ = ("key", "of")

    def __init__(self, of: "ClassScope") -> None:
        self.of = of
        self.key = ("row", of.key)


class Bound:
    """A method of the project with its receiver. *after*: a class whose own methods `super()` leaves out."""

    __slots__ = ("key", "receiver", "unit")

    def __init__(self, unit: "Unit", receiver: "Value") -> None:
        self.unit = unit
        self.receiver = receiver
        self.key = ("bound", unit.key)


class Super:
    """`super()` within a method of a class."""

    __slots__ = ("key", "of")

    def __init__(self, of: "ClassScope") -> None:
        self.of = of
        self.key = ("super", of.key)


class Inner:
    """A function within a function, with the frame whose variables it sees."""

    __slots__ = ("frame", "function", "key")

    def __init__(self, function: "Function", frame: Any) -> None:
        self.function = function
        self.frame = frame
        self.key = ("inner", id(function))
