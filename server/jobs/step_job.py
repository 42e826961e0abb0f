"""What the jobs of a workflow's steps are called: the place of a job in its workflow, as the text in `jobs.step`."""

import re

import msgspec


class StepJob(msgspec.Struct, frozen=True):
    """`review`; `check[3]` of a fan-out; `check~2[3]` when the step is done anew; `undo review`.

    What a later step needs is named the same way; `check[]` is the list of all its results.
    """

    step: str
    round: int = 1
    item: int | None = None
    undoes: bool = False

    @classmethod
    def parse(cls, name: str) -> "StepJob":
        found = _NAME.fullmatch(name)
        assert found is not None, name
        undoes, step, round_, item = found.groups()
        return cls(step, int(round_ or 1), int(item) if item else None, bool(undoes))

    @property
    def name(self) -> str:
        return self.of_step if self.item is None else f"{self.of_step}[{self.item}]"

    @property
    def of_step(self) -> str:
        """What the names of all jobs of this step and round begin with, before the item."""
        return f"{'undo ' if self.undoes else ''}{self.step}{f'~{self.round}' if self.round > 1 else ''}"

    @property
    def as_list(self) -> str:
        """All jobs of this step and round, as a need."""
        return f"{self.of_step}[]"


_NAME = re.compile(r"(undo )?([^~\[]+)(?:~(\d+))?(?:\[(\d*)\])?")
