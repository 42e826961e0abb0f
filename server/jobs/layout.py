"""Where the nodes and edges of a graph go when it is drawn in layers, from left to right. Pure.

Layers are the longest ways (`dag.py`). Within a layer nodes are ordered so that few edges cross: each goes to the
middle of its neighbours, a few sweeps to and fro. An edge over several layers has a lane of its own, so it runs through
no node.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from server.jobs.dag import Needs, layers

SWEEPS = 4


class Point(msgspec.Struct, frozen=True):
    """*x* is a layer; *y* a place in it, the middle of the layer being 0: both in steps of one node."""

    x: int
    y: float


class Layout(msgspec.Struct, frozen=True):
    """*nodes*: where each is. *edges*: by its ends the points through which it runs, both ends included.

    *width* and *height* in nodes: x is from 0 to width - 1, y from -(height - 1) / 2 to (height - 1) / 2.
    """

    width: int
    height: int
    nodes: dict[str, Point]
    edges: dict[tuple[str, str], tuple[Point, ...]]


_Place = str | tuple[str, str, int]
"""A node, or the lane of an edge in a layer between its ends."""


def lay_out(needs: Needs) -> Layout:
    """Raises `Cycle`."""
    layer_of = layers(needs)
    runs = {(before, node): _run(before, node, layer_of) for node in needs for before in needs[node]}
    columns: list[list[_Place]] = [[] for _ in range(1 + max(layer_of.values(), default=-1))]
    for node, layer in layer_of.items():
        columns[layer].append(node)
    for run in runs.values():
        for place in run[1:-1]:
            assert isinstance(place, tuple)
            columns[place[2]].append(place)
    _untangle(columns, list(runs.values()))
    points: dict[_Place, Point] = {}
    for x, column in enumerate(columns):
        points |= {place: Point(x, row - (len(column) - 1) / 2) for row, place in enumerate(column)}
    return Layout(
        width=len(columns),
        height=max(map(len, columns), default=0),
        nodes={node: points[node] for node in needs},
        edges={ends: tuple(points[place] for place in run) for ends, run in runs.items()},
    )


def _run(before: str, node: str, layer_of: Mapping[str, int]) -> tuple[_Place, ...]:
    lanes = ((before, node, layer) for layer in range(layer_of[before] + 1, layer_of[node]))
    return (before, *lanes, node)


def _untangle(columns: list[list[_Place]], runs: Sequence[Sequence[_Place]]) -> None:
    """Order every layer by the middle of each place's neighbours in the layer looked at before it."""
    left: dict[_Place, list[_Place]] = {}
    right: dict[_Place, list[_Place]] = {}
    for run in runs:
        for here, there in pairwise(run):
            right.setdefault(here, []).append(there)
            left.setdefault(there, []).append(here)
    for _ in range(SWEEPS):
        for before, column in pairwise(columns):
            _order(column, before, left)
        for before, column in pairwise(reversed(columns)):
            _order(column, before, right)


def _order(column: list[_Place], fixed: Sequence[_Place], neighbours: Mapping[_Place, Sequence[_Place]]) -> None:
    row = {place: number for number, place in enumerate(fixed)}
    own = {place: number for number, place in enumerate(column)}

    def middle(place: _Place) -> float:
        rows = [row[other] - (len(fixed) - 1) / 2 for other in neighbours.get(place, ())]
        return sum(rows) / len(rows) if rows else own[place] - (len(column) - 1) / 2

    column.sort(key=lambda place: (middle(place), own[place]))
