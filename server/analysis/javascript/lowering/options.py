"""Options: `spawn(command, { shell: true })` names arguments as other languages do with keywords.

The object stays where it is, and its simple members are keywords of the call too, so that one word of the tables fits
all languages. A member that would have to be evaluated twice is only known to be there.
"""

from server.analysis.flow import program as p

_DEPTH = 4


def options_of(arguments: list[p.Expr]) -> list[tuple[str | None, p.Expr]]:
    return [
        (key.value, value if _is_simple(value, _DEPTH) else p.Unknown(value.line, []))
        for argument in arguments
        if isinstance(argument, p.Collection) and argument.shape is p.Shape.DICT
        for key, value in argument.items
        if isinstance(key, p.Const) and isinstance(key.value, str)
    ]


def _is_simple(value: p.Expr, depth: int) -> bool:
    if isinstance(value, p.Const | p.Name):
        return True
    if depth == 0:
        return False
    if isinstance(value, p.Attr):
        return _is_simple(value.base, depth - 1)
    if isinstance(value, p.Item):
        return _is_simple(value.base, depth - 1) and (value.key is None or _is_simple(value.key, depth - 1))
    if isinstance(value, p.Collection):
        return all(
            (key is None or isinstance(key, p.Const)) and _is_simple(item, depth - 1) for key, item in value.items
        )
    if isinstance(value, p.Text):
        return all(_is_simple(part, depth - 1) for part in value.parts)
    return False
