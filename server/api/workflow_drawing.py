"""Draw a workflow's graph as SVG: steps as boxes from left to right, what they pass on as lines. Pure.

Without colours of its own: each part has a class, which the page's style sheet paints. All that varies is escaped;
errors are not shown, for they may speak of code.
"""

from html import escape

from server.jobs.workflow import StepState
from server.jobs.workflow_views import Edge, Graph, Node

NODE_WIDTH, NODE_HEIGHT = 140, 42
ACROSS, DOWN = 190, 58
"""From the middle of a step to that of its neighbour."""
MARGIN = 6
NAME_SHOWN, NAME_BESIDE_FLAG_SHOWN = 14, 12
"""Characters of a step's name that fit into its box."""


def draw_graph(graph: Graph) -> str:
    """An `<svg>`, as wide and high as it needs to be."""
    width = (graph.width - 1) * ACROSS + NODE_WIDTH + 2 * MARGIN
    height = (graph.height - 1) * DOWN + NODE_HEIGHT + 2 * MARGIN
    left, top = -NODE_WIDTH / 2 - MARGIN, -(graph.height - 1) * DOWN / 2 - NODE_HEIGHT / 2 - MARGIN
    parts = [*map(_edge, graph.edges), *map(_node, graph.nodes)]
    return (
        f'<svg class="graph" width="{width}" height="{height}" viewBox="{left:g} {top:g} {width} {height}" '
        f'role="img" aria-label="{escape(_told(graph))}">{"".join(parts)}</svg>'
    )


def _told(graph: Graph) -> str:
    """What whoever does not see it hears."""
    steps = ", ".join(
        f"{node.step} {node.state.value}" for node in sorted(graph.nodes, key=lambda node: (node.x, node.y))
    )
    return f"{graph.name} is {graph.state.value}: {steps}"


def _node(node: Node) -> str:
    x, y = node.x * ACROSS - NODE_WIDTH / 2, node.y * DOWN - NODE_HEIGHT / 2
    boxes = [f'<rect class="box" x="{x:g}" y="{y:g}" width="{NODE_WIDTH}" height="{NODE_HEIGHT}" rx="8"/>']
    if node.is_fan_out:
        boxes.insert(0, boxes[0].replace(f'x="{x:g}" y="{y:g}"', f'x="{x + 4:g}" y="{y + 4:g}"'))
    fits = NAME_BESIDE_FLAG_SHOWN if node.checkpoint else NAME_SHOWN
    name = node.step if len(node.step) <= fits else node.step[: fits - 1] + "…"
    return (
        f'<g class="step {node.state.value}"><title>{escape(_tip(node))}</title>{"".join(boxes)}'
        f'<circle class="light" cx="{x + 14:g}" cy="{y + 15:g}" r="4"/>'
        f'<text class="name" x="{x + 25:g}" y="{y + 19:g}">{escape(name)}</text>'
        f'<text class="note" x="{x + 25:g}" y="{y + 33:g}">{escape(_note(node))}</text>{_flag(node, x, y)}</g>'
    )


def _note(node: Node) -> str:
    begun = node.state is not StepState.WAITING
    counted = f"{node.succeeded} of {node.jobs}" if node.is_fan_out and begun else node.state.value
    return counted if node.round == 1 else f"{counted} · again"


def _tip(node: Node) -> str:
    told = [f"{node.step}: {node.kind}, {node.state.value}"]
    if node.checkpoint:
        told.append(f"meets others at {node.checkpoint}")
    return "\n".join(told)


def _flag(node: Node, x: float, y: float) -> str:
    """Where steps meet, their boxes bear a small flag."""
    if not node.checkpoint:
        return ""
    return f'<path class="flag" d="M{x + NODE_WIDTH - 14:g} {y + 22:g}v-13l8 3.5l-8 3.5"/>'


def _edge(edge: Edge) -> str:
    """A smooth line through its points, from the right side of a box to the left side of another."""
    start, *lanes, end = ((point.x * ACROSS, point.y * DOWN) for point in edge.points)
    path = [f"M{start[0] + NODE_WIDTH / 2:g} {start[1]:g}"]
    here = (start[0] + NODE_WIDTH / 2, start[1])
    for x, y in lanes:
        path.append(_curve(here, (x - NODE_WIDTH / 2, y)))
        path.append(f"H{x + NODE_WIDTH / 2:g}")
        here = (x + NODE_WIDTH / 2, y)
    path.append(_curve(here, (end[0] - NODE_WIDTH / 2, end[1])))
    return f'<path class="edge {edge.type.value}" d="{"".join(path)}"/>'


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    middle = (start[0] + end[0]) / 2
    return f"C{middle:g} {start[1]:g} {middle:g} {end[1]:g} {end[0]:g} {end[1]:g}"
