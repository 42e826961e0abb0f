"""Checkstyle's XML, which many linters write. No document type, hence no entities: such a report is refused."""

from collections.abc import Iterator
from xml.etree.ElementTree import ParseError, XMLParser

from server.analysis.external.imported import Imported, ReportInvalid, one_line, severity_of


def read_checkstyle(text: str) -> Iterator[Imported]:
    """Raises ReportInvalid."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ReportInvalid("has a document type of its own, which no linter writes")
    parser = XMLParser()  # noqa: S314 - without a document type there are no entities to expand
    try:
        parser.feed(text)
        root = parser.close()
    except (ParseError, ValueError) as error:
        raise ReportInvalid(f"not XML: {error}") from error
    if root.tag != "checkstyle":
        raise ReportInvalid(f"the document is a <{root.tag[:40]}>, not a <checkstyle>")
    for file in root.iter("file"):
        for said in file.iter("error"):
            source = said.get("source", "")
            yield Imported(
                tool=_tool(source),
                code=source.rpartition(".")[2] or "finding",
                path=file.get("name", ""),
                line=_number(said.get("line")),
                message=one_line(said.get("message", "")),
                severity=severity_of(said.get("severity", "error")),
                column=_number(said.get("column")),
            )


def _tool(source: str) -> str:
    """`eslint.rules.no-eval`, `com.puppycrawl.tools.checkstyle.checks.X`: the tool is in front, or checkstyle."""
    first = source.partition(".")[0]
    return first if first and first not in ("com", "org", "net", "io") else "checkstyle"


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 8 else 0
