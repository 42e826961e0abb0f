from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from lsp.convert import Point, end_of, split_lines, to_position
from lsp.diagnostics import moved
from lsp.documents import MAX_KEPT_CHARACTERS, TOO_LARGE, Document
from server.reviews.finding import Edit
from server.reviews.snapshot import MAX_FILE_BYTES
from tests.lsp.scripted import a_finding

TEXT = st.text(alphabet=st.sampled_from("ab \n\r\x0c\u2028é😋"), max_size=30)
ENCODINGS = st.sampled_from(list(types.PositionEncodingKind))


def a_document(text: str, encoding: str = "utf-16") -> Document:
    return Document("file:///a.py", "python", 1, text, encoding)


def partial(document: Document, start: Point, end: Point, text: str) -> types.TextDocumentContentChangePartial:
    lines, encoding = document.lines, document.encoding
    span = types.Range(to_position(lines, start, encoding), to_position(lines, end, encoding))
    return types.TextDocumentContentChangePartial(range=span, text=text)


def offset_of(lines: list[str], point: Point) -> int:
    return sum(map(len, lines[: point.line - 1])) + point.column - 1


@st.composite
def points(draw: st.DrawFn, text: str) -> tuple[Point, Point]:
    """Two of them in order, neither within a line end, where an editor cannot stand."""
    lines = split_lines(text)

    def one() -> Point:
        line = draw(st.integers(1, len(lines)))
        return Point(line, draw(st.integers(1, len(lines[line - 1].rstrip("\r\n")) + 1)))

    start, end = sorted((one(), one()))
    return start, end


@given(TEXT, st.lists(TEXT, min_size=1, max_size=4), st.data(), ENCODINGS)
def test_edits_lead_to_the_text_that_the_editor_has(
    text: str, inserted: list[str], data: st.DataObject, encoding: str
) -> None:
    document = a_document(text, encoding)
    for version, new in enumerate(inserted, 2):
        start, end = data.draw(points(text))
        lines = split_lines(text)
        text = text[: offset_of(lines, start)] + new + text[offset_of(lines, end) :]

        document.change(version, [partial(document, start, end, new)])

        assert document.lines == split_lines(text)
        assert (document.version, document.size) == (version, len(text))


@given(TEXT, TEXT, st.data())
def test_a_finding_untouched_by_an_edit_marks_the_same_code_after_it(
    text: str, inserted: str, data: st.DataObject
) -> None:
    document = a_document(text)
    start, end = data.draw(points(text))
    first, last = data.draw(points(text))
    before = document.lines[:]
    finding = a_finding("a.py", first.line, first.column, 0)
    finding = type(finding)(
        **{name: getattr(finding, name) for name in finding.__struct_fields__}
        | {"end_line": last.line, "end_column": last.column}
    )
    marked = text[offset_of(before, first) : offset_of(before, last)]

    (edit,) = document.change(2, [partial(document, start, end, inserted)])
    after = moved(finding, edit)

    if after is None:
        # Let go only when the edit reached into it, or told whole lines because a CR met an LF.
        assert (start < last and end > first) or edit != Edit(*start, *end, inserted)
        return
    now = document.lines
    begin = offset_of(now, Point(after.start_line, after.start_column))
    assert "".join(now)[begin : begin + len(marked)] == marked


@given(TEXT, TEXT)
def test_a_whole_new_text_is_told_as_the_edit_between(before: str, after: str) -> None:
    document = a_document(before)
    lines = document.lines[:]

    (edit,) = document.change(2, [types.TextDocumentContentChangeWholeDocument(after)])

    start = offset_of(lines, Point(edit.start_line, edit.start_column))
    end = offset_of(lines, Point(edit.end_line, edit.end_column))
    assert before[:start] + edit.text + before[end:] == after


def test_a_formatter_that_sends_the_whole_text_leaves_other_lines_alone() -> None:
    document = a_document("a\nb\nc\n")

    (edit,) = document.change(2, [types.TextDocumentContentChangeWholeDocument("a\nB\nB\nc\n")])

    assert edit == Edit(2, 1, 3, 1, "B\nB\n")


def test_a_lone_carriage_return_reaches_the_reviewer_as_a_line_end() -> None:
    assert a_document("a\rb\r\nc").text() == "a\nb\r\nc"


def test_too_large_a_text_is_refused_and_followed_again_once_it_is_small() -> None:
    document = a_document("x" * (MAX_FILE_BYTES + 1))
    assert document.refusal(document.text()) == TOO_LARGE

    document.change(2, [partial(document, Point(1, 2), end_of(document.lines), "")])

    assert document.refusal(document.text()) is None
    assert document.text() == "x"


def test_far_too_large_a_text_is_not_kept() -> None:
    document = a_document("x" * (MAX_KEPT_CHARACTERS + 1))

    document.change(
        2, [types.TextDocumentContentChangePartial(range=types.Range(*[types.Position(0, 0)] * 2), text="y")]
    )

    assert (document.size, document.refusal(document.text())) == (0, TOO_LARGE)
    document.change(3, [types.TextDocumentContentChangeWholeDocument("y")])
    assert document.refusal(document.text()) is None


def test_a_binary_text_is_refused() -> None:
    document = a_document("PK\x03\x04\0\0")

    assert document.refusal(document.text()) == "binary"
