"""How values pass from a workflow's args and its earlier steps to the args of a later one: places as data, and taking.

Pure. What is passed stays JSON as it is: of a value only the way to the place is read. `kinds.py` checks the places
when a workflow is defined; `workflows.py` takes from them when a step may begin.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias, get_args, get_origin

import msgspec

from server.errors import HiveError
from server.jobs.job import NULL


class FromArgs(msgspec.Struct, frozen=True, tag="args", tag_field="from", omit_defaults=True):
    """A place in the workflow's args; without *path* they are taken whole."""

    path: tuple[str, ...] = ()


class FromStep(msgspec.Struct, frozen=True, tag="step", tag_field="from", omit_defaults=True):
    """A place in the result of an earlier step; of a fan-out, the list of its results."""

    step: str
    path: tuple[str, ...] = ()


class FromItem(msgspec.Struct, frozen=True, tag="item", tag_field="from", omit_defaults=True):
    """A place in the item of which this job of a fan-out is."""

    path: tuple[str, ...] = ()


class Constant(msgspec.Struct, frozen=True, tag="constant", tag_field="from"):
    """*value* is plain JSON."""

    value: Any


Place: TypeAlias = FromArgs | FromStep | FromItem | Constant


class NothingThere(HiveError):
    """A value does not have the place that a step takes its args from."""


def take(place: Place, args: msgspec.Raw, results: Mapping[str, msgspec.Raw], item: msgspec.Raw = NULL) -> msgspec.Raw:
    """The JSON at *place*. Raises `NothingThere`."""
    match place:
        case FromArgs(path):
            return _walk(args, path, "the workflow's args")
        case FromStep(step, path):
            return _walk(results[step], path, f"the result of {step}")
        case FromItem(path):
            return _walk(item, path, "the item")
        case Constant(value):
            return msgspec.Raw(msgspec.json.encode(value))


def items_at(place: FromStep, results: Mapping[str, msgspec.Raw], *, at_most: int) -> list[msgspec.Raw]:
    """The list over which a step fans out. Raises `NothingThere` when it is no list, or too long."""
    found = take(place, NULL, results)
    try:
        items = msgspec.json.decode(found, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise NothingThere(f"{_described(place)} is no list, so there is nothing to fan out over") from error
    if len(items) > at_most:
        raise NothingThere(f"{_described(place)} has {len(items)} items, more than the {at_most} that the step allows")
    return items


def _walk(value: msgspec.Raw, path: tuple[str, ...], where: str) -> msgspec.Raw:
    for name in path:
        try:
            value = msgspec.json.decode(value, type=dict[str, msgspec.Raw])[name]
        except (msgspec.DecodeError, KeyError) as error:
            raise NothingThere(f"{where} has no {'.'.join(path)}") from error
    return value


def _described(place: FromStep) -> str:
    return ".".join((place.step, *place.path))


UNKNOWN: Any = object()
"""The type of a value about which nothing was declared."""


class NoSuchField(Exception):
    """A type has no field of this name."""

    def __init__(self, type_: Any, name: str, fields: tuple[str, ...]) -> None:
        super().__init__(name)
        self.type_, self.name, self.fields = type_, name, fields


def type_at(type_: Any, path: tuple[str, ...]) -> Any:
    """The declared type at *path* of a value of *type_*, or `UNKNOWN`. Raises `NoSuchField`."""
    for name in path:
        if not (isinstance(type_, type) and issubclass(type_, msgspec.Struct)):
            return UNKNOWN
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(type_)}
        if name not in fields:
            raise NoSuchField(type_, name, tuple(fields))
        type_ = fields[name]
    return type_


def is_no_list(type_: Any) -> bool:
    """Whether a value of *type_* is surely nothing to fan out over."""
    origin = get_origin(type_) or type_
    if origin in (str, bytes, int, float, bool, dict, type(None)):
        return True
    if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
        return not origin.__struct_config__.array_like
    return origin is tuple and bool(get_args(type_)) and get_args(type_)[-1] is not Ellipsis
