"""A figure, its target, and the table of all of them."""

from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text


class Figure(NamedTuple):
    """*target*: what it must stay below; *at_least*: what it must reach. Without either it only informs."""

    name: str
    measured: float
    unit: str
    target: float | None = None
    at_least: float | None = None

    @property
    def verdict(self) -> str:
        if self.target is None and self.at_least is None:
            return ""
        low = self.at_least is None or self.measured >= self.at_least
        return "met" if low and (self.target is None or self.measured < self.target) else "MISSED"

    @property
    def aim(self) -> str:
        """The target as people write it."""
        if self.at_least is not None:
            return f">= {_rounded(self.at_least)} {self.unit}"
        return "" if self.target is None else f"< {_rounded(self.target)} {self.unit}"

    def as_dict(self) -> dict[str, Any]:
        return {**self._asdict(), "verdict": self.verdict}


def show(title: str, figures: list[Figure], console: Console) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False)
    table.add_column("measure", min_width=58)
    for column in ("target", "measured"):
        table.add_column(column, justify="right", min_width=12)
    table.add_column("verdict", min_width=7)
    for figure in figures:
        verdict = Text(figure.verdict, style="green" if figure.verdict == "met" else "bold red")
        table.add_row(figure.name, figure.aim, f"{_rounded(figure.measured)} {figure.unit}", verdict)
    console.print(table, "")


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
