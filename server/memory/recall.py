"""What doors attach to the work they submit: memories that fit a change, a question, a finding.

Only reads. Whoever thinks has no Postgres: what it may remember comes with its snapshot.
"""

from server.memory.context import Context, ContextKind
from server.memory.contexts import Contexts
from server.reviews.snapshot import Memory

MAX_QUERIES = 20
MAX_MEMORY_CHARACTERS = 4_000

_ABOUT = {
    ContextKind.CODE: "code of this project",
    ContextKind.PROSE: "documentation of this project",
    ContextKind.NOTE: "a note",
    ContextKind.FEEDBACK: "a decision about an earlier finding",
}


async def recall(
    contexts: Contexts, project: str, queries: "list[str] | tuple[str, ...]", limit: int = 20
) -> tuple[Memory, ...]:
    """The most fitting of all queries together, decisions and notes before code of the same rank; each once."""
    best: dict[object, tuple[float, Context]] = {}
    for query in queries[:MAX_QUERIES]:
        for found in await contexts.search(project, query, limit=limit):
            if found.id not in best or best[found.id][0] < found.score:
                best[found.id] = found.score, found
    ranked = sorted(best.values(), key=lambda ranked: (-ranked[0], str(ranked[1].id)))
    return tuple(_memory(context) for _, context in ranked[:limit])


def _memory(context: Context) -> Memory:
    about = _ABOUT[context.kind]
    return Memory(
        context.text[:MAX_MEMORY_CHARACTERS],
        f"{about}: {context.symbol}" if context.symbol else about,
        context.path,
        context.start_line,
    )
