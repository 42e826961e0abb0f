"""What the rules say of files before and after a model's edits: none is offered that makes something worse."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping

from msgspec.structs import replace

from server.agents.mending import applied
from server.reviews.finding import Finding
from server.reviews.snapshot import Report, Snapshot, SourceFile

MAX_SURROUNDINGS = 200
"""Files beside the touched ones that the rules read with them."""

Counts = Counter[tuple[str, str, str]]
ReviewByRules = Callable[[Snapshot], Awaitable[Report]]


async def counted(
    snapshot: Snapshot, texts: Mapping[str, str], paths: Collection[str], review: ReviewByRules
) -> Counts:
    """How often the rules say what of the files *paths*, read whole, beside those around them; *texts*: as edited."""
    edited = applied(snapshot, texts)
    every = (*edited.files, *edited.context)
    files = tuple(_whole(file) for file in every if file.path in paths)
    around = tuple(_whole(file) for file in every if file.path not in paths)[:MAX_SURROUNDINGS]
    report = await review(Snapshot(snapshot.project, files, context=around))
    return Counter(map(mark, report.findings))


def worse(before: Counts, after: Counts) -> list[str]:
    """What there is after and was not before, in words for the model."""
    new = after - before
    return [f"the rules find something new: {rule} in {path}, on: {text[:200]}" for rule, path, text in new]


def mark(finding: Finding) -> tuple[str, str, str]:
    """What stays the same when lines move."""
    return finding.rule, finding.path, " ".join(finding.evidence.split())


def _whole(file: SourceFile) -> SourceFile:
    return replace(file, changed=None, hunks=(), base=None)
