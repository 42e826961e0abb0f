"""Characters that people do not see and models read, as data: what each kind is called, which code points it has."""

from typing import NamedTuple


class Kind(NamedTuple):
    """*name* is a phrase for people. *is_told*: nobody has it in a text by accident."""

    name: str
    points: tuple[tuple[int, int], ...]
    is_told: bool


TAGS = Kind("tag characters", ((0xE0000, 0xE007F),), True)
"""A second ASCII that no font shows."""

KINDS: tuple[Kind, ...] = (
    TAGS,
    Kind("characters that reorder text", ((0x202A, 0x202E), (0x2066, 0x2069)), True),
    Kind("variation selectors in a row", ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)), True),
    Kind("zero-width characters", ((0x200B, 0x200B), (0x2060, 0x2064), (0x206A, 0x206F), (0x180E, 0x180E)), True),
    Kind("letters without a shape", ((0x115F, 0x1160), (0x17B4, 0x17B5), (0x3164, 0x3164), (0xFFA0, 0xFFA0)), True),
    Kind("joiners between plain letters", ((0x200C, 0x200D),), True),
    Kind("direction marks", ((0x200E, 0x200F), (0x061C, 0x061C)), False),
    Kind("soft hyphens", ((0x00AD, 0x00AD),), False),
    Kind("byte order marks", ((0xFEFF, 0xFEFF),), False),
    Kind(
        "control characters",
        ((0x0000, 0x0008), (0x000B, 0x000C), (0x000E, 0x001F), (0x007F, 0x009F), (0xFFF9, 0xFFFB)),
        True,
    ),
    Kind("line separators", ((0x2028, 0x2029),), False),
)

KIND_OF: dict[str, Kind] = {
    chr(point): kind for kind in KINDS for first, last in kind.points for point in range(first, last + 1)
}
