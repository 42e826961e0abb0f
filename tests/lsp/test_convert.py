import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from lsp.convert import (
    Abilities,
    Point,
    content,
    split_lines,
    to_diagnostic,
    to_point,
    to_position,
    to_workspace_edit,
    without_links,
)
from server.reviews.finding import Edit, Fix, Location, Severity
from tests.lsp.scripted import a_finding

ENCODINGS = list(types.PositionEncodingKind)
TEXT = st.text(alphabet=st.sampled_from("a \t\f\n\r\x85\u2028é😋\ufffd"), max_size=60)


@given(TEXT)
def test_lines_join_to_the_text_and_end_only_where_lsp_ends_them(text: str) -> None:
    lines = split_lines(text)

    assert "".join(lines) == text
    assert len(lines) == text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


@given(TEXT, st.data(), st.sampled_from(ENCODINGS))
def test_a_point_comes_back_from_the_editor(text: str, data: st.DataObject, encoding: str) -> None:
    lines = split_lines(text)
    line = data.draw(st.integers(1, len(lines)))
    point = Point(line, data.draw(st.integers(1, len(content(lines[line - 1])) + 1)))

    assert to_point(lines, to_position(lines, point, encoding), encoding) == point


@pytest.mark.parametrize(
    ("encoding", "character"),
    [("utf-8", 7), ("utf-16", 5), ("utf-32", 4)],
)
def test_the_quote_after_an_emoji_is_where_the_standard_says(encoding: str, character: int) -> None:
    assert to_position(['x="😋"'], Point(1, 5), encoding) == types.Position(0, character)


@pytest.mark.parametrize(
    ("position", "point"),
    [
        (types.Position(0, 99), Point(1, 3)),
        (types.Position(9, 0), Point(2, 2)),
        (types.Position(1, 1), Point(2, 1)),
    ],
    ids=["past the line", "past the text", "half an emoji"],
)
def test_a_position_outside_the_text_means_the_nearest_inside(position: types.Position, point: Point) -> None:
    assert to_point(["ab\r\n", "😋"], position, "utf-16") == point


def test_a_finding_that_lies_outside_the_text_is_shown_at_its_end() -> None:
    diagnostic = to_diagnostic(a_finding("a.py", 9, 9, 1), ["ab"], "utf-16", Abilities(), None)

    assert diagnostic.range == types.Range(types.Position(0, 2), types.Position(0, 2))


def test_only_what_the_client_can_show_is_sent() -> None:
    finding = a_finding("a.py", 1, 1, 1, cwe=89, related=(Location("b c.py", 3, 4, "from here"),))

    poor = to_diagnostic(finding, ["ab"], "utf-16", Abilities(), "file:///r")
    rich = to_diagnostic(
        finding, ["ab"], "utf-16", Abilities(related_information=True, code_description=True), "file:///r"
    )

    assert (poor.related_information, poor.code_description) == (None, None)
    assert rich.code_description == types.CodeDescription("https://cwe.mitre.org/data/definitions/89.html")
    (related,) = rich.related_information or ()
    assert related.location.uri == "file:///r/b%20c.py"
    assert related.location.range.start.line == 2
    assert (rich.source, rich.code, rich.severity) == ("hive", "test.word", types.DiagnosticSeverity.Warning)


def test_every_severity_has_a_place_in_the_editor() -> None:
    for severity in Severity:
        finding = a_finding("a.py", 1, 1, 1)
        finding = type(finding)(**{f: getattr(finding, f) for f in finding.__struct_fields__} | {"severity": severity})
        assert to_diagnostic(finding, ["ab"], "utf-16", Abilities(), None).severity is not None


FIX = Fix("Say so", (Edit(1, 1, 1, 3, "cd"),))
UNSAFE = Fix("Say so", (Edit(1, 1, 1, 3, "cd"),), safe=False)


def test_a_fix_names_the_version_it_is_for() -> None:
    edit = to_workspace_edit(FIX, "file:///a", 7, ["ab"], "utf-16", Abilities(document_changes=True))

    (change,) = edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document == types.OptionalVersionedTextDocumentIdentifier("file:///a", 7)
    assert edit.change_annotations is None


def test_an_unsafe_fix_asks_for_confirmation_where_the_client_can() -> None:
    able = Abilities(document_changes=True, change_annotations=True)

    edit = to_workspace_edit(UNSAFE, "file:///a", 7, ["ab"], "utf-16", able)

    ((name, annotation),) = (edit.change_annotations or {}).items()
    assert annotation.needs_confirmation
    (change,) = edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert [part.annotation_id for part in change.edits if isinstance(part, types.AnnotatedTextEdit)] == [name]


def test_a_client_without_versioned_edits_gets_plain_ones() -> None:
    edit = to_workspace_edit(FIX, "file:///a", 7, ["ab"], "utf-16", Abilities())

    assert edit.document_changes is None
    assert edit.changes == {
        "file:///a": [types.TextEdit(types.Range(types.Position(0, 0), types.Position(0, 2)), "cd")]
    }


def test_a_message_holds_no_link_that_an_editor_would_follow() -> None:
    assert (
        without_links("see [this](command:quit), handlers[a](b)")
        == "see [this]\u200b(command:quit), handlers[a]\u200b(b)"
    )
