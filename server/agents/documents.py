"""What is known of the documents that somebody edits, each by itself, from one review to the next.

Pure, but for what it remembers. A review of the files around them has its own memory: `neighbourhoods.py`.
"""

from collections import OrderedDict

from server.analysis.review import Analysis
from server.reviews.snapshot import Snapshot, SourceFile

MAX_DOCUMENTS = 100
MAX_CHARACTERS = 1024 * 1024
"""Of all of them; what is known of one takes about a hundred times as much memory. A longer one is known alone."""


class Documents:
    """Those that were edited last."""

    def __init__(self) -> None:
        self._of: OrderedDict[tuple[str, str], tuple[Analysis, int]] = OrderedDict()
        self._characters = 0

    def of(self, project: str, file: SourceFile) -> Analysis:
        """What is known of it. The text of now counts as known from here on."""
        key = project, file.path
        known = self._of.pop(key) if key in self._of else None
        analysis, before = known or (Analysis(is_edited=True, max_kept_characters=1), 0)
        self._of[key] = analysis, len(file.text)
        self._characters += len(file.text) - before
        while len(self._of) > 1 and (self._characters > MAX_CHARACTERS or len(self._of) > MAX_DOCUMENTS):
            self._characters -= self._of.popitem(last=False)[1][1]
        return analysis

    def forget(self) -> None:
        self._of.clear()
        self._characters = 0


def edited(snapshot: Snapshot) -> SourceFile | None:
    """The one document that a snapshot is of; None of anything else."""
    is_one = len(snapshot.files) == 1 and not (snapshot.context or snapshot.known or snapshot.base_sha)
    return snapshot.files[0] if is_one else None
