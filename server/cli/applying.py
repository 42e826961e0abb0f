"""Write offered edits into the working tree: only files that are still as they were when the fix was made."""

import os
from collections.abc import Iterator
from pathlib import Path

from server.reviews.asks import FixOffer
from server.reviews.finding import apply_edits
from server.reviews.git import CannotCollect
from server.reviews.project import Project
from server.reviews.snapshot import Snapshot

_MARK = b"\xef\xbb\xbf"


def apply(offer: FixOffer, snapshot: Snapshot, project: Project) -> Iterator[str]:
    """The paths as they are written, after all of them were looked at. Raises CannotCollect: then none is written."""
    texts = {file.path: file.text for file in (*snapshot.context, *snapshot.files)}
    ready = {file.path: apply_edits(texts[file.path], file.fix.edits) for file in offer.files}
    marks = {path: _mark_of(project.root / path, path, texts[path], project) for path in ready}
    for path, text in ready.items():
        _write(project.root / path, marks[path] + text.encode())
        yield path


def _mark_of(file: Path, path: str, text: str, project: Project) -> bytes:
    """The byte order mark that it begins with, if any; the file was looked at then."""
    try:
        if file.is_symlink() or not Path(os.path.realpath(file)).is_relative_to(project.root):
            raise CannotCollect(f"{path!r} leads out of the project: nothing was changed")
        content = file.read_bytes()
    except OSError as error:
        raise CannotCollect(f"cannot read {path!r}: {error.strerror}; nothing was changed") from error
    if content.removeprefix(_MARK) != text.encode():
        raise CannotCollect(f"{path!r} was edited meanwhile: nothing was changed", hint="ask for the fix again")
    return _MARK if content.startswith(_MARK) else b""


def _write(file: Path, content: bytes) -> None:
    """In one step, with the rights that it had."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        mode = file.stat().st_mode
        beside.write_bytes(content)
        beside.chmod(mode)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CannotCollect(f"cannot write {str(file)!r}: {error.strerror}") from error
