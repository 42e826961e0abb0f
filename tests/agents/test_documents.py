"""What an agent knows of the documents that are edited."""

from server.agents.documents import MAX_CHARACTERS, MAX_DOCUMENTS, Documents, edited
from server.reviews.snapshot import KnownFile, Snapshot, SourceFile


def test_a_document_is_known_by_its_project_and_path_whatever_its_text() -> None:
    documents = Documents()
    known = documents.of("local/shop", SourceFile("a.py", "x = 1\n"))

    assert documents.of("local/shop", SourceFile("a.py", "x = 2\n")) is known
    assert documents.of("local/other", SourceFile("a.py", "x = 2\n")) is not known


def test_what_was_edited_longest_ago_is_forgotten_when_there_are_many() -> None:
    documents = Documents()
    first, second = (documents.of("local/shop", SourceFile(f"{number}.py", "")) for number in range(2))
    documents.of("local/shop", SourceFile("0.py", ""))
    for number in range(2, MAX_DOCUMENTS + 1):
        documents.of("local/shop", SourceFile(f"{number}.py", ""))

    assert documents.of("local/shop", SourceFile("0.py", "")) is first
    assert documents.of("local/shop", SourceFile("1.py", "")) is not second


def test_a_long_document_is_known_alone() -> None:
    documents = Documents()
    short = documents.of("local/shop", SourceFile("short.py", "x = 1\n"))
    long = documents.of("local/shop", SourceFile("long.py", "#" * (MAX_CHARACTERS + 1)))

    assert documents.of("local/shop", SourceFile("long.py", "x = 1\n")) is long
    assert documents.of("local/shop", SourceFile("short.py", "x = 1\n")) is not short


def test_only_one_file_by_itself_is_an_edited_document() -> None:
    file, other = SourceFile("a.py", ""), SourceFile("b.py", "")

    assert edited(Snapshot("local/shop", (file,))) is file
    assert edited(Snapshot("local/shop", (file, other))) is None
    assert edited(Snapshot("local/shop", (file,), context=(other,))) is None
    assert edited(Snapshot("local/shop", (file,), known=(KnownFile("b.py", "0" * 64),))) is None
    assert edited(Snapshot("local/shop", (file,), base_sha="a" * 40)) is None
