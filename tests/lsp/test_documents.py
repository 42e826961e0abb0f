import msgspec
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from lsp.convert import Point, end_of, split_lines, to_position
from lsp.documents import MAX_KEPT_CHARACTERS, TOO_LARGE, Document
from lsp.moving import Moves, all_moved, as_steps, moved
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


@given(TEXT, st.lists(TEXT, min_size=1, max_size=6), st.sampled_from([1, 1_000]), st.data())
def test_findings_that_live_through_many_edits_mark_the_same_code(
    text: str, inserted: list[str], more: int, data: st.DataObject
) -> None:
    """*more*: so many of them that whole lines are looked at."""
    document = a_document(text)
    first, last = data.draw(points(text))
    marked = text[offset_of(document.lines, first) : offset_of(document.lines, last)]
    finding = msgspec.structs.replace(
        a_finding("a.py", first.line, first.column, 0), end_line=last.line, end_column=last.column
    )
    since = Moves()
    for version, new in enumerate(inserted, 2):
        start, end = data.draw(points("".join(document.lines)))
        since.add(document.change(version, [partial(document, start, end, new)]))

    for after in since.moved((finding,) * more)[:1]:
        begin = offset_of(document.lines, Point(after.start_line, after.start_column))
        assert "".join(document.lines)[begin : begin + len(marked)] == marked


def test_a_word_replaced_in_a_thousand_lines_leaves_the_findings_of_all_others() -> None:
    document = a_document("old\nother\n" * 1_000)
    changes = [partial(document, Point(line, 1), Point(line, 4), "new\nline") for line in range(1_999, 0, -2)]
    findings = tuple(a_finding("a.py", line, 1, 3) for line in range(1, 501))

    edits = document.change(2, changes)
    kept = all_moved(findings, as_steps(edits, len(findings)))

    assert [one.start_line for one in kept] == [line + line // 2 for line in range(2, 501, 2)]
    assert {document.lines[one.start_line - 1] for one in kept} == {"other\n"}


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
