"""Calls whose meaning stands in their arguments, told apart by made-up names for the tables.

`x.replace(/[<>&]/g, ...)` escapes markup, `x.replace(/[^a-z0-9]/g, "")` keeps only what is harmless; `promisify(f)` and
`f.bind(this)` are f; an answer that says that it is plain text is no page.
"""

import re

from server.analysis.flow import program as p

_KEEPS_ONLY = re.compile(r"\[\^[\w\\.\- ]+\][+*]?")


def cleaning_name(name: str, arguments: list[p.Expr]) -> str:
    """The name under which the tables know a replacement; the method's own for all others."""
    if name not in ("replace", "replaceAll") or len(arguments) != 2 or not isinstance(arguments[0], p.Const):
        return name
    pattern = arguments[0].value
    if not isinstance(pattern, str):
        return name
    if _KEEPS_ONLY.fullmatch(pattern) or pattern in (r"\W", r"\W+", r"\D", r"\D+"):
        return "%keeps_only"
    if "<" in pattern:
        return "%escapes_markup"
    if pattern in ("'", "\\'", "['\"]", "[\\'\"]"):
        return "%escapes_quotes"
    if r"\n" in pattern or r"\r" in pattern:
        return "%removes_lines"
    return name


_TYPE = r"(?:content-type['\"`]\s*[,:]\s*|\.(?:type|contentType)\(\s*)['\"`]"
_PLAIN_TYPE = re.compile(_TYPE + r"(?![\w/+.-]*(?:html|svg|xml))\w", re.IGNORECASE)
_PAGE_TYPE = re.compile(_TYPE + r"[\w/+.-]*(?:html|svg|xml)", re.IGNORECASE)


def answers_plainly(text: str) -> bool:
    """Whether a function says of its answer that it is text, JSON or an image, and nowhere that it is a page."""
    return _PLAIN_TYPE.search(text) is not None and _PAGE_TYPE.search(text) is None


def answer_name(name: str, base: p.Expr) -> str:
    """The name of an answer that is no page; the method's own name for all else."""
    if name not in ("send", "end", "write"):
        return name
    while isinstance(base, p.Call) and isinstance(base.callee, p.Attr):
        base = base.callee.base
    return "%send_plain" if isinstance(base, p.Name) and base.id in _ANSWERS else name


_ANSWERS = frozenset({"res", "response", "resp", "reply"})


def transparent(callee: p.Expr, arguments: list[p.Expr]) -> p.Expr | None:
    """What the call gives back as it was; None for other calls."""
    name = callee.name if isinstance(callee, p.Attr) else callee.id if isinstance(callee, p.Name) else ""
    if name in _SAME_FUNCTION and arguments and isinstance(arguments[0], _SIMPLE):
        return arguments[0]
    if name == "bind" and isinstance(callee, p.Attr) and len(arguments) == 1:
        return callee.base
    return None


def as_display(callee: p.Expr, arguments: list[p.Expr]) -> p.Collection | None:
    """`new Set(["a"])` and `new Map([["a", 1]])` as the collections that they are; None for other constructions."""
    given = arguments[0] if arguments else None
    if not isinstance(callee, p.Name) or not isinstance(given, p.Collection) or given.shape is not p.Shape.LIST:
        return None
    if callee.id == "Set":
        return given
    pairs = [item.items for _, item in given.items if isinstance(item, p.Collection) and len(item.items) == 2]
    if callee.id != "Map" or len(pairs) != len(given.items):
        return None
    return p.Collection(given.line, p.Shape.DICT, [(key, value) for (_, key), (_, value) in pairs])


_SIMPLE = (p.Name, p.Attr, p.Closure, p.Collection, p.Const)

_SAME_FUNCTION = frozenset(
    (
        *(
            "promisify",
            "asyncHandler",
            "catchAsync",
            "wrapAsync",
            "asyncWrap",
            "asyncMiddleware",
            "expressAsyncHandler",
        ),
        *(
            "useCallback",
            "useMemo",
            "memo",
            "debounce",
            "throttle",
            "once",
            "forwardRef",
            "observer",
            "cache",
            "tryCatch",
        ),
    )
)
"""Functions that give back a function which does what theirs does."""
