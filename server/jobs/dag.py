"""Order in a directed acyclic graph, given as what each node needs. Pure; knows neither steps nor jobs.

`layout.py` draws such a graph; `kinds.py` refuses one that is none.
"""

from collections.abc import Collection, Iterable, Mapping

Needs = Mapping[str, Collection[str]]
"""By node the nodes that come before it."""


class Cycle(Exception):
    """*nodes* need each other in a circle; the first stands at the end again."""

    def __init__(self, nodes: list[str]) -> None:
        super().__init__(" -> ".join(nodes))
        self.nodes = nodes


def in_order(needs: Needs) -> list[str]:
    """Every node after all that it needs, else as they were given. Raises `Cycle`."""
    ordered: dict[str, None] = {}
    while len(ordered) < len(needs):
        ready = [node for node in needs if node not in ordered and all(other in ordered for other in needs[node])]
        if not ready:
            raise Cycle(_circle(needs, done=ordered))
        ordered.update(dict.fromkeys(ready))
    return list(ordered)


def layers(needs: Needs) -> dict[str, int]:
    """By node how many stand before it on the longest way."""
    layer: dict[str, int] = {}
    for node in in_order(needs):
        layer[node] = 1 + max((layer[other] for other in needs[node]), default=-1)
    return layer


def with_all_after(needs: Needs, nodes: Iterable[str]) -> set[str]:
    """*nodes*, and all that need one of them, directly or not."""
    found = set(nodes)
    for node in in_order(needs):
        if found.intersection(needs[node]):
            found.add(node)
    return found


def _circle(needs: Needs, *, done: Collection[str]) -> list[str]:
    """Walk against the arrows among what is not *done*: sooner or later we come by the same node."""
    path = [next(node for node in needs if node not in done)]
    while True:
        before = next(node for node in needs[path[-1]] if node not in done)
        if before in path:
            return [before, *reversed(path[path.index(before) :])]
        path.append(before)
