"""What doors attach to the work they submit: memories that fit a change, a question, a finding.

Only reads. Whoever thinks has no Postgres: what it may remember comes with its snapshot.
"""

from collections.abc import Sequence
from uuid import UUID

from server.memory.context import Context, ContextKind
from server.memory.contexts import Contexts
from server.reviews.snapshot import Memory, Snapshot

MAX_QUERIES = 20
MAX_MEMORY_CHARACTERS = 4_000

_ABOUT = {
    ContextKind.CODE: "code of this project",
    ContextKind.PROSE: "documentation of this project",
    ContextKind.NOTE: "a note",
    ContextKind.FEEDBACK: "a decision about an earlier finding",
}


async def recall(contexts: Contexts, project: str, queries: Sequence[str], limit: int = 20) -> tuple[Memory, ...]:
    """The most fitting of all queries together, each once. A third is for what people said, where there is anything.

    People's notes and decisions are few beside a project's code, and worth more to who reviews it.
    """
    queries = queries[:MAX_QUERIES]
    said = await _best(contexts, project, ["\n".join(queries)], limit // 3, ContextKind.FEEDBACK, ContextKind.NOTE)
    rest = await _best(contexts, project, queries, limit, None)
    return tuple(map(_memory, list({context.id: context for context in (*said, *rest)}.values())[:limit]))


async def code_like(contexts: Contexts, project: str, text: str, *, not_in: str, limit: int) -> tuple[Memory, ...]:
    """Code of the project that is like *text*, the most fitting first; none of the file *not_in*."""
    found = await contexts.search(project, text, kind=ContextKind.CODE, limit=2 * limit)
    return tuple(_memory(context) for context in found if context.path != not_in)[:limit]


async def _best(
    contexts: Contexts, project: str, queries: Sequence[str], limit: int, *kinds: ContextKind | None
) -> list[Context]:
    best: dict[UUID, Context] = {}
    for query in queries:
        for kind in kinds:
            for found in await contexts.search(project, query, kind=kind, limit=max(limit, 1)):
                if found.id not in best or best[found.id].score < found.score:
                    best[found.id] = found
    return sorted(best.values(), key=lambda context: (-context.score, context.id))[:limit]


def change_queries(snapshot: Snapshot) -> list[str]:
    """What to ask for when a change is looked at: what it says of itself, and the names of its files."""
    said = [snapshot.title, *snapshot.commits[:3]]
    return [text for text in (*said, *(file.path for file in snapshot.files)) if text.strip()][:MAX_QUERIES]


def _memory(context: Context) -> Memory:
    about = _ABOUT[context.kind]
    return Memory(
        context.text[:MAX_MEMORY_CHARACTERS],
        f"{about}: {context.symbol}" if context.symbol else about,
        context.path,
        context.start_line,
    )
