"""What is known of the files around those that somebody edits, from one review to the next.

An editor's review names the files around it by their content and sends only the texts that are not known here. Pure,
but for what it remembers; whoever forgets (another agent, a new start) asks for the texts again.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Mapping

from server.analysis.calls.callers import CallIndex
from server.analysis.review import Analysis, Reading
from server.reviews.snapshot import KnownFile

MAX_NEIGHBOURHOODS = 3
"""Projects that are edited at the same time; each may take as much memory as its two MiB of code need."""


class Neighbourhood:
    """One project: all that was found out of its files, and what its last review read of them."""

    def __init__(self) -> None:
        self.analysis = Analysis()
        self.calls = CallIndex()
        self._readings: dict[str, tuple[str, Reading]] = {}

    def missing(self, known: Collection[KnownFile], given: Collection[str]) -> tuple[str, ...]:
        """The paths whose texts are needed, with *given* coming along."""
        return tuple(file.path for file in known if file.path not in given and not self._has(file))

    def recall(self, known: Collection[KnownFile]) -> dict[str, Reading]:
        return {file.path: self._readings[file.path][1] for file in known if self._has(file)}

    def keep(self, readings: Mapping[str, Reading], texts: Mapping[str, str], known: Collection[KnownFile]) -> None:
        """These, and what was recalled; the rest is of files that nobody names any more."""
        digests = {file.path: file.digest for file in known} | {path: digest(text) for path, text in texts.items()}
        self._readings = {path: (digests[path], reading) for path, reading in readings.items() if path in digests}

    def _has(self, file: KnownFile) -> bool:
        return file.path in self._readings and self._readings[file.path][0] == file.digest


class Neighbourhoods:
    """The projects that were edited last."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, Neighbourhood] = OrderedDict()

    def of(self, project: str) -> Neighbourhood:
        neighbourhood = self._of.setdefault(project, Neighbourhood())
        self._of.move_to_end(project)
        while len(self._of) > MAX_NEIGHBOURHOODS:
            self._of.popitem(last=False)
        return neighbourhood

    def rest(self) -> None:
        """Only the last one stays: its files are what somebody comes back to."""
        while len(self._of) > 1:
            self._of.popitem(last=False)


def digest(text: str) -> str:
    """As `KnownFile` has it."""
    return hashlib.sha256(text.encode()).hexdigest()
