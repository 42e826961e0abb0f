"""How the figures of a repository's history are shown to people."""

from server.history.figures import Directory, History, Spread

SHOWN = 10


def history_lines(history: History) -> list[str]:
    lines = [
        f"{history.commits:,} commits since {history.since:%Y-%m-%d} by {_people(history.authors)}, "
        f"{history.merges:,} of them merges, at {history.head_sha[:12]}",
        f"churn       +{history.added:,} -{history.deleted:,} lines",
        f"bus factor  {history.bus_factor}",
        f"lead time   {spread_text(history.lead_time, 'merges') or 'unknown: nothing came by a merge commit'}",
    ]
    if history.cut_off:
        lines.append(f"a shallow clone hides what {history.cut_off} commits changed: git fetch --unshallow")
    if history.is_capped:
        lines.append("there are more commits than are read: choose a shorter period")
    if history.hotspots:
        lines += ["", "hotspots (changes x lines)"]
        lines += [f"  {h.changes:>5} x {h.lines:>6,}  {h.path}" for h in history.hotspots[:SHOWN]]
    if history.directories:
        lines += ["", "directories (churn, bus factor, who changed most)"]
        lines += [_directory_line(directory) for directory in history.directories[:SHOWN]]
    return lines


def spread_text(spread: Spread | None, of: str) -> str:
    """`median 2.1 d, nine of ten within 5.0 d (12 merges)`; "" for None."""
    if spread is None:
        return ""
    median, p90 = duration(spread.median_seconds), duration(spread.p90_seconds)
    return f"median {median}, nine of ten within {p90} ({spread.count:,} {of})"


def duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def _directory_line(directory: Directory) -> str:
    owners = ", ".join(f"{owner.name} {owner.share:.0%}" for owner in directory.owners)
    return f"  +{directory.added:,} -{directory.deleted:,}  {directory.bus_factor}  {directory.path}  ({owners})"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
