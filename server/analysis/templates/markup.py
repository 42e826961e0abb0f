"""HTML as the browser will read it: elements with their attributes, scripts, and where in all that an offset stands.

A scanner, not a parser: it knows no nesting, which no rule asks for. One pass over the text.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Place(StrEnum):
    """What the browser takes a value for, where it stands."""

    TEXT = "text"
    QUOTED = "a quoted attribute"
    UNQUOTED = "an attribute without quotes"
    ADDRESS = "an address"
    HANDLER = "an event handler"
    TAG = "a tag"
    SCRIPT = "a script"
    STYLE = "a style sheet"
    COMMENT = "a comment"


class Attribute(NamedTuple):
    """*start* and *end* are offsets of the value without its quotes; *quote* is "" where there are none."""

    name: str
    value: str
    start: int
    end: int
    quote: str


class Element(NamedTuple):
    """An opening tag. *inner_end*: of a script or style, where its text ends; else the tag's own end."""

    name: str
    start: int
    end: int
    attributes: tuple[Attribute, ...]
    inner_end: int

    def get(self, name: str) -> str | None:
        return next((attribute.value for attribute in self.attributes if attribute.name == name), None)


@dataclass(frozen=True, slots=True)
class Region:
    start: int
    end: int
    place: Place


@dataclass(frozen=True, slots=True)
class Markup:
    elements: tuple[Element, ...]
    regions: tuple[Region, ...]
    """Everything that is not text, sorted, without overlaps."""

    def place_of(self, offset: int) -> Region:
        index = bisect_right(self.regions, offset, key=lambda region: region.start) - 1
        if index >= 0 and offset < self.regions[index].end:
            return self.regions[index]
        return Region(offset, offset, Place.TEXT)


_TAG = re.compile(r"<(?:(!--)|([A-Za-z][A-Za-z0-9:._-]*))")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s=>/\"'<][^\s=>/\"'<]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)))?")

_ADDRESSES = frozenset({"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcdoc"})

MAX_ATTRIBUTES = 500


def markup_of(text: str) -> Markup:
    elements: list[Element] = []
    regions: list[Region] = []
    at = 0
    while (hit := _TAG.search(text, at)) is not None:
        if hit[1]:
            end = text.find("-->", hit.end())
            at = len(text) if end < 0 else end + 3
            regions.append(Region(hit.start(), at, Place.COMMENT))
            continue
        element = _element(text, hit)
        elements.append(element)
        _add_regions(element, regions)
        at = max(element.inner_end, hit.end())
    return Markup(tuple(elements), tuple(regions))


def _element(text: str, hit: re.Match[str]) -> Element:
    at = hit.end()
    attributes: list[Attribute] = []
    while len(attributes) < MAX_ATTRIBUTES and (found := _ATTRIBUTE.match(text, at)) is not None:
        group = next((index for index in (2, 3, 4) if found[index] is not None), 0)
        start, end = found.span(group) if group else (found.end(), found.end())
        quote = {2: '"', 3: "'"}.get(group, "")
        attributes.append(Attribute(found[1].lower(), found[group] if group else "", start, end, quote))
        at = found.end()
    close = text.find(">", at, at + 1_000)
    end = at if close < 0 else close + 1
    name = hit[2].lower()
    return Element(name, hit.start(), end, tuple(attributes), _inner_end(text, name, end))


def _inner_end(text: str, name: str, start: int) -> int:
    if name not in ("script", "style") or text[start - 2 : start] == "/>":
        return start
    end = text.find(f"</{name}", start)
    return len(text) if end < 0 else end


def _add_regions(element: Element, regions: list[Region]) -> None:
    at = element.start
    for attribute in element.attributes:
        if attribute.end > attribute.start:
            regions.append(Region(at, attribute.start, Place.TAG))
            regions.append(Region(attribute.start, attribute.end, _place_of(attribute)))
            at = attribute.end
    regions.append(Region(at, element.end, Place.TAG))
    if element.inner_end > element.end:
        place = Place.STYLE if element.name == "style" else Place.SCRIPT if is_code(element) else Place.TEXT
        regions.append(Region(element.end, element.inner_end, place))


def _place_of(attribute: Attribute) -> Place:
    if attribute.name.startswith("on") and len(attribute.name) > 3:
        return Place.HANDLER
    if attribute.value.lstrip().lower().startswith("javascript:"):
        return Place.HANDLER
    if not attribute.quote:
        return Place.UNQUOTED
    return Place.ADDRESS if attribute.name in _ADDRESSES else Place.QUOTED


_CODE_TYPES = frozenset(
    {
        "",
        "module",
        "text/javascript",
        "application/javascript",
        "text/ecmascript",
        "text/babel",
        "text/jsx",
        "text/typescript",
    }
)


def is_code(element: Element) -> bool:
    """Whether the script is run, and not data or a template."""
    kind = (element.get("type") or "").strip().lower()
    return kind in _CODE_TYPES
