"""A file of settings in YAML, by the names that they have together: `server.error.include-stacktrace`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from server.analysis.config.setting import Setting
from server.analysis.config.yaml_file import Entry, Shape, YamlFile
from server.analysis.source import Source, Span

_IS_ONE = re.compile(r"(?:^|/)(?:application|bootstrap|settings|config|app|server)[\w.-]{0,40}\.ya?ml$", re.IGNORECASE)


@dataclass(frozen=True)
class YamlSettings:
    source: Source
    settings: tuple[Setting, ...]

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        if not _IS_ONE.search(source.path):
            return cls(source, ())
        documents = YamlFile.parse(source).nodes(Shape.OTHER)
        return cls(source, tuple(setting for document in documents for setting in _named(document)))

    def nodes(self, kind: Any) -> Sequence[Setting]:
        return self.settings if kind is Setting else ()

    def span(self, setting: Setting) -> Span:
        return self.source.line_span(setting.line)


def _named(document: Entry) -> Iterator[Setting]:
    waiting = [(entry, entry.key.lower()) for entry in reversed(document.children)]
    while waiting:
        entry, name = waiting.pop()
        if entry.value and len(name) < 200:
            yield Setting(name, entry.value, entry.line)
        waiting.extend((child, f"{name}.{child.key.lower()}") for child in reversed(entry.children) if child.key)
