"""What of an earlier look of the model at the same change still stands, and where it is to look again. Pure.

Without an earlier look all of the change is looked at. What lies where nothing was pushed is kept as it was said.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from server.agents.shown_diff import Hunk, hunks_of
from server.reviews.finding import Finding
from server.reviews.snapshot import Looked, Snapshot, SourceFile


class Kept(NamedTuple):
    """*claims*: the model's own findings. *judged*: findings of rules, with its opinion."""

    claims: tuple[Finding, ...] = ()
    judged: tuple[Finding, ...] = ()


def hunks_to_look_at(file: SourceFile, looked: Looked | None) -> Iterator[Hunk]:
    return hunks_of(file) if looked is None else hunks_of(file, looked.pushed.get(file.path, ()))


def kept_from(snapshot: Snapshot, found: Iterable[Finding]) -> Kept:
    """*found*: by the rules, now."""
    looked = snapshot.looked
    if looked is None:
        return Kept()
    lines = {file.path: file.text.split("\n") for file in snapshot.files}
    claims = (_at_head(claim, lines.get(claim.path, ())) for claim in looked.findings if claim.is_from_model)
    opinions = {finding.fingerprint: finding for finding in looked.findings if finding.opinion is not None}
    judged = (
        replace(
            finding, opinion=opinions[finding.fingerprint].opinion, confidence=opinions[finding.fingerprint].confidence
        )
        for finding in found
        if finding.fingerprint in opinions
    )
    return Kept(
        tuple(claim for claim in claims if claim is not None and not _lies_in_push(claim, looked)),
        tuple(finding for finding in judged if not _lies_in_push(finding, looked)),
    )


def _at_head(claim: Finding, lines: Sequence[str]) -> Finding | None:
    """Moved to where its lines stand now: the place nearest to the old one. None when they are gone."""
    quoted = [" ".join(line.split()) for line in claim.evidence.split("\n")]
    if not any(quoted):
        return None
    folded = [" ".join(line.split()) for line in lines]
    places = [at for at in range(len(folded) - len(quoted) + 1) if _is_quoted(folded[at : at + len(quoted)], quoted)]
    if not places:
        return None
    start = min(places, key=lambda at: abs(at + 1 - claim.start_line)) + 1
    return replace(claim, start_line=start, end_line=start + claim.end_line - claim.start_line)


def _is_quoted(lines: Sequence[str], quoted: Sequence[str]) -> bool:
    """A long quotation is cut within its last line."""
    return list(lines[:-1]) == list(quoted[:-1]) and lines[-1].startswith(quoted[-1])


def _lies_in_push(finding: Finding, looked: Looked) -> bool:
    pushed = looked.pushed.get(finding.path, ())
    return any(lines.start <= finding.end_line and finding.start_line <= lines.end for lines in pushed)
