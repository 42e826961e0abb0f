"""What models are told to do: one Markdown file for each agent, with a version that its transcripts name.

A file begins with `version: N`; whoever changes what it says counts it up.
"""

from importlib import resources
from typing import NamedTuple


class Prompt(NamedTuple):
    name: str
    version: int
    text: str

    @property
    def system(self) -> str:
        """As it is sent: its first line says which one it is, so that every transcript does."""
        return f"[{self.name}, version {self.version}]\n\n{self.text}"


def _read(name: str) -> Prompt:
    content = resources.files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    first, _, text = content.partition("\n")
    return Prompt(name, int(first.removeprefix("version: ")), text.strip())


# Read at once: when an agent thinks, the files may lie where its user cannot read them any more.
REVIEW, FIX, EXPLAIN, ASK, DESCRIBE, TRIAGE, COMPLETE, REWRITE = map(
    _read, ("review", "fix", "explain", "ask", "describe", "triage", "complete", "rewrite")
)
