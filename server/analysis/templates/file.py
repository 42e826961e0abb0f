"""A parsed template: its tags, the values that it puts out, the HTML around them and the scripts inside.

Knows nothing of rules. `nodes` gives `Output`, `Tag` (statements), `Element`, or the file itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

from server.analysis.source import Source, Span
from server.analysis.templates.dialect import Dialect, Role, dialect_of
from server.analysis.templates.expressions import Value, value_of
from server.analysis.templates.markup import Element, Markup, Region, markup_of
from server.analysis.templates.pug import pug_outputs
from server.analysis.templates.tags import Tag, tags_of, without_tags
from server.analysis.text.file import TextFile

PAINT = "\u2063"
"""What template tags are painted over with, for the reader of HTML: a character that no page contains."""


class Output(NamedTuple):
    """A value that the template puts out, *raw* as it is, in *region* of the page."""

    tag: Tag
    value: Value
    raw: str
    region: Region


@dataclass(frozen=True)
class TemplateFile:
    source: Source
    dialect: Dialect
    tags: tuple[Tag, ...]
    markup: Markup

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        dialect = dialect_of(source.path, source.text)
        tags = tags_of(source.text, dialect)
        return cls(source, dialect, tuple(tags), markup_of(without_tags(source.text, tags, fill=PAINT)))

    def nodes(self, kind: Any) -> Sequence[Any]:
        if kind is TemplateFile:
            return (self,)
        if kind is Output:
            return self.outputs
        if kind is Element:
            return self.markup.elements
        return self.statements if kind is Tag else ()

    @cached_property
    def statements(self) -> tuple[Tag, ...]:
        return tuple(tag for tag in self.tags if tag.role is Role.STATEMENT)

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        found: list[Output] = []
        for tag in self.tags:
            if tag.role in (Role.COMMENT, Role.STATEMENT) and not _is_raw_statement(tag, self.dialect):
                continue
            value, raw = value_of(tag, self.dialect)
            found.append(Output(tag, value, raw, self.markup.place_of(tag.start)))
        found += self._directives()
        if self.dialect is Dialect.PUG:
            found += (
                Output(tag, *value_of(tag, self.dialect), self.markup.place_of(tag.start))
                for tag in pug_outputs(self.source.text)
            )
        return tuple(sorted(found, key=lambda output: output.tag.start))

    @cached_property
    def output_at(self) -> dict[int, Output]:
        """By the offset at which its tag begins."""
        return {output.tag.start: output for output in self.outputs}

    def _directives(self) -> list[Output]:
        """Vue's `v-html="x"`, Thymeleaf's `th:utext="${x}"`."""
        found = []
        for element in self.markup.elements:
            for attribute in element.attributes:
                if attribute.name in _RAW_DIRECTIVES:
                    inner = _EXPRESSION.sub(r"\1", attribute.value.strip())
                    tag = Tag(attribute.start, attribute.end, inner, Role.RAW)
                    value, _ = value_of(tag, Dialect.VUE)
                    found.append(Output(tag, value, attribute.name, self.markup.place_of(element.end)))
        return found

    @cached_property
    def is_page(self) -> bool:
        """Whether it is HTML at all: configuration is written with the same template languages."""
        return self.dialect is Dialect.PUG or any(element.name in _HTML for element in self.markup.elements)

    @cached_property
    def _positions(self) -> TextFile:
        return TextFile(self.source)

    def span(self, start: int, end: int) -> Span:
        return self._positions.span(start, end)

    def line_of(self, offset: int) -> int:
        return self._positions.line_of(offset)

    def head_span(self, start: int, end: int) -> Span:
        """Of a place over several lines only the first."""
        line_end = self.source.text.find("\n", start)
        return self.span(start, end if line_end < 0 else min(end, line_end))


_RAW_DIRECTIVES = frozenset({"v-html", "x-html", "th:utext", "data-th-utext"})
_EXPRESSION = re.compile(r"^[$*]\{([^{}]*)\}$")

_HTML = frozenset(
    (
        *("html", "body", "div", "p", "a", "span", "form", "table", "ul", "li", "h1", "h2", "h3", "h4", "script", "td"),
        *("template", "section", "article", "label", "button", "input", "img", "main", "header", "footer", "nav", "b"),
        *(
            "option",
            "select",
            "textarea",
            "small",
            "strong",
            "em",
            "i",
            "pre",
            "code",
            "br",
            "hr",
            "meta",
            "link",
            "tr",
        ),
    )
)


def _is_raw_statement(tag: Tag, dialect: Dialect) -> bool:
    """Tornado's `{% raw x %}`; without the x it is Jinja's, of another meaning."""
    return dialect is Dialect.JINJA and tag.inner.startswith("raw ")
