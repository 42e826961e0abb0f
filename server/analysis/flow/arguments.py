"""The values that a call hands over, by position, name, or as a model asks for them."""

from server.analysis.flow.frames import Frame
from server.analysis.flow.models import ANY, RECEIVER, SPREAD, Arg
from server.analysis.flow.program import Call, Expr, Spread
from server.analysis.flow.taints import Taints, join_taints
from server.analysis.flow.values import NOTHING, Value, join, whole
from server.analysis.source import Span


class Arguments:
    """*spread*: what came with `*args`; *mapping*: with `**kwargs`. *nodes*: the expressions, where they are known."""

    __slots__ = ("keywords", "mapping", "nodes", "positional", "receiver", "receiver_node", "span", "spread")

    def __init__(
        self,
        positional: list[Value],
        keywords: dict[str, Value],
        span: Span,
        nodes: list[Expr],
        *,
        spread: Value | None = None,
        mapping: Value | None = None,
    ) -> None:
        self.positional = positional
        self.keywords = keywords
        self.span = span
        self.nodes = nodes
        self.spread = spread
        self.mapping = mapping
        self.receiver: Value | None = None
        self.receiver_node: Expr | None = None

    def given(self, arg: Arg) -> list[tuple[Value, Span]]:
        """The values that a model's arg means, each with the place to point at."""
        if isinstance(arg, str):
            value = self.keywords.get(arg)
            if value is None and self.mapping is not None and self.mapping.fields:
                value = self.mapping.fields.get(f"[{arg}]")
            return [] if value is None else [(value, self.span)]
        if arg >= 0:
            if arg < len(self.positional):
                return [(self.positional[arg], self.span)]
            return [] if self.spread is None else [(self.spread, self.span)]
        if arg == RECEIVER:
            return [] if self.receiver is None else [(self.receiver, self.span)]
        if arg == SPREAD:
            return [] if self.mapping is None else [(self.mapping, self.span)]
        assert arg == ANY
        return [(value, self.span) for value in self.all()]

    def all(self) -> list[Value]:
        values = [*self.positional, *self.keywords.values()]
        if self.spread is not None:
            values.append(self.spread)
        if self.mapping is not None:
            values.append(self.mapping)
        return values

    def taints(self) -> Taints:
        taints: Taints = ()
        for value in self.all():
            if value.taints or value.fields is not None:
                taints = join_taints(taints, whole(value))
        return taints

    def taints_of_objects(self) -> Taints:
        """Only those of what objects hold by name among the arguments, not those of texts and lists."""
        taints: Taints = ()
        for value in self.all():
            if value.fields and not value.taints and all(key[1:2].isalpha() for key in value.fields):
                taints = join_taints(taints, value.whole)
        return taints

    def node(self, arg: Arg) -> Expr | None:
        if arg == RECEIVER:
            return self.receiver_node
        return self.nodes[arg] if isinstance(arg, int) and 0 <= arg < len(self.nodes) else None


def collect(node: Call, frame: Frame) -> Arguments:
    """Evaluate the arguments of a call, in order."""
    positional: list[Value] = []
    spread: Value | None = None
    for arg in node.args:
        if isinstance(arg, Spread):
            value = frame.evaluate(arg.value, frame)
            known = _exactly(value) if spread is None else None
            if known is not None:
                positional.extend(known)
            else:
                element = frame.evaluate(arg, frame)
                spread = element if spread is None else join(spread, element)
        else:
            positional.append(frame.evaluate(arg, frame))
    keywords: dict[str, Value] = {}
    mapping: Value | None = None
    for name, item in node.keywords:
        value = frame.evaluate(item, frame)
        if name is None:
            mapping = value if mapping is None else join(mapping, value)
        else:
            keywords[name] = value
    return Arguments(positional, keywords, node.span, node.args, spread=spread, mapping=mapping)


def _exactly(value: Value) -> list[Value] | None:
    """The elements of a list whose every position is known."""
    fields = value.fields
    if not fields or value.taints:
        return None
    positions = [fields.get(f"[{index}]", NOTHING) for index in range(len(fields))]
    return positions if all(f"[{index}]" in fields for index in range(len(fields))) else None
