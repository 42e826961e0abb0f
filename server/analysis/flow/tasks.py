"""Functions that are handed to a queue to be run elsewhere: `report.delay(name)`, `report.apply_async(args=[name])`."""

from server.analysis.flow.arguments import Arguments, collect
from server.analysis.flow.frames import Frame
from server.analysis.flow.members import element
from server.analysis.flow.program import Attr, Call
from server.analysis.flow.references import Inner
from server.analysis.flow.scopes import Unit
from server.analysis.flow.values import NOTHING, Value

_AS_GIVEN = frozenset(
    {"delay", "s", "si", "signature", "send", "kiq", "remote", "delay_on_commit", "call_local", "spawn"}
)
_IN_PARTS = frozenset({"apply_async", "apply", "send_with_options", "apply_async_on_commit"})


def queued(target: Value, node: Call, frame: Frame) -> Arguments | None:
    """What the function gets in the end; None where the call is no such."""
    callee = node.callee
    if not isinstance(callee, Attr) or callee.name not in _AS_GIVEN | _IN_PARTS:
        return None
    functions = [ref for ref in target.refs if isinstance(ref, (Unit, Inner))]
    if not functions or len(functions) != len(target.refs):
        return None
    args = collect(node, frame)
    if callee.name in _IN_PARTS:
        args = _unpacked(args)
    function = functions[0].function
    if function is not None and function.params and function.params[0].name == "self" and not function.is_method:
        args.positional.insert(0, NOTHING)  # `bind=True`: the task itself comes first.
        args.nodes = []
    return args


def _unpacked(args: Arguments) -> Arguments:
    """`apply_async(args=[a], kwargs={"b": b})`."""
    row = args.keywords.get("args", args.positional[0] if args.positional else NOTHING)
    named = args.keywords.get("kwargs", args.positional[1] if len(args.positional) > 1 else None)
    fields = row.fields or {}
    known = [fields[f"[{index}]"] for index in range(len(fields)) if f"[{index}]" in fields]
    spread = None if known else element(row)
    return Arguments(known, {}, args.span, [], spread=spread, mapping=named)
