"""The memory section of `make bench`: how well a function is found by what its docstring says, and how fast.

The set: 1,000 functions of the installed standard library; a query is the first line of a docstring, and what is
searched is the code without it. All goes through the real search on the embedded Postgres. The numbers of
`server/memory/terms.py` were tuned on other functions, and its lexicon was learned from other packages.
"""

import statistics
import sysconfig
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4
from zlib import crc32

import asyncpg

from bench.figures import Figure
from bench.functions import FOREIGN, Documented, documented_functions
from server.db import migrate, open_pool
from server.embedded.postgres import EmbeddedPostgres
from server.memory.chunks import chunks_of
from server.memory.context import ContextKind, Piece
from server.memory.contexts import OF_EACH_WAY, SEARCHING, Contexts
from server.memory.embedder import unpack
from server.memory.hashing import HashEmbedder
from server.memory.lexicon import lexicon
from server.memory.pieces import embedded
from server.memory.terms import Passage

FUNCTIONS = 1_000
TARGET_MRR, TARGET_RECALL = 0.467, 0.686
"""The best known figures without a download: hashed n-grams and Postgres' full-text search together."""

TARGET_P95_MS = 50.0
AT_ONCE = 500
EXACT_QUERIES = 50
HOUR = 3600.0
"""Seconds that making an index may take."""


@dataclass(frozen=True)
class Effort:
    """*large*, *middle*, *small*: contexts of one project each; there are *smalls* of the last."""

    large: int = 60_000
    middle: int = 30_000
    small: int = 1_000
    smalls: int = 10
    queries: int = 300

    @classmethod
    def quick(cls) -> "Effort":
        return cls(large=6_000, middle=3_000, small=250, smalls=4, queries=100)

    @property
    def contexts(self) -> int:
        return self.large + self.middle + self.small * self.smalls


async def measure(directory: Path, effort: Effort) -> tuple[list[Figure], dict[str, Any]]:
    functions = the_set()
    async with _database(directory) as pool:
        contexts = Contexts(pool, redact=str)
        named = await _find_all(contexts, pool, "bench/named", functions, named=True)
        bare = await _find_all(contexts, pool, "bench/bare", functions, named=False)
        load = await _load(contexts, pool, effort)
        asked = [function.told for function in functions[: effort.queries]]
        took = {name: await _time(contexts, f"bench/{name}", asked) for name in ("large", "middle", "small-0")}
        kept = {name: await _recall_of_index(contexts, pool, f"bench/{name}", asked) for name in ("large", "middle")}
    everything = [ms for of in took.values() for ms in of]
    figures = [
        Figure(f"{len(functions):,} functions by docstring, code alone: MRR@10", bare[0], "", at_least=TARGET_MRR),
        Figure("the same, recall@10", bare[1], "", at_least=TARGET_RECALL),
        Figure("as it is indexed, with path and name: MRR@10", named[0], "", at_least=TARGET_MRR),
        Figure("the same, recall@10", named[1], "", at_least=TARGET_RECALL),
        Figure(f"search in {effort.contexts:,} contexts, P50", statistics.median(everything), "ms"),
        Figure(f"search in {effort.contexts:,} contexts, P95", _p95(everything), "ms", TARGET_P95_MS),
        *(Figure(f"  P95 in the project {name}", _p95(of), "ms", TARGET_P95_MS) for name, of in took.items()),
        *(Figure(f"  nearest 10 that the index finds in {name}", share, "") for name, share in kept.items()),
        Figure("contexts cut and embedded, of one core", load["embedded_per_second"], "/s"),
        Figure("contexts written, with the index in place", load["written_per_second"], "/s"),
        Figure("vectors, words and texts of a context in Postgres", load["bytes_each"] / 1024, "KiB"),
    ]
    return figures, {"took_ms": took, "load": load, "kept": kept}


def the_set() -> list[Documented]:
    """No query twice; the same ones on every machine that has the same standard library."""
    told = {function.told: function for function in documented_functions(Path(sysconfig.get_paths()["stdlib"]))}
    chosen = sorted(told.values(), key=lambda function: crc32(f"{function.symbol}{function.path}".encode()))
    return chosen[:FUNCTIONS]


@asynccontextmanager
async def _database(directory: Path) -> AsyncIterator[asyncpg.Pool]:
    postgres = EmbeddedPostgres(directory / "postgres")
    url = await postgres.start()
    try:
        await migrate(url)
        pool = await open_pool(url, max_size=4)
        try:
            yield pool
        finally:
            await pool.close()
    finally:
        await postgres.stop()


async def _find_all(
    contexts: Contexts, pool: asyncpg.Pool, project: str, functions: Sequence[Documented], *, named: bool
) -> tuple[float, float]:
    """MRR@10 and recall@10."""
    passages = [Passage(f.code, f.symbol if named else "", f.path if named else "") for f in functions]
    pieces = list(_pieces(project, passages))
    async with pool.acquire() as connection, connection.transaction():
        for at in range(0, len(pieces), AT_ONCE):
            await contexts.put(connection, project, pieces[at : at + AT_ONCE])
    ranks = []
    for function, piece in zip(functions, pieces, strict=True):
        found = [context.id for context in await contexts.search(project, function.told, limit=10)]
        ranks.append(found.index(piece.id) + 1 if piece.id in found else 0)
    return sum(1 / rank for rank in ranks if rank) / len(ranks), sum(map(bool, ranks)) / len(ranks)


async def _load(contexts: Contexts, pool: asyncpg.Pool, effort: Effort) -> dict[str, float]:
    """Most without the index, which is made at the end: as one does who moves in. The last small project with it."""
    passages = _endless_passages()
    sizes = {"large": effort.large, "middle": effort.middle}
    sizes |= {f"small-{number}": effort.small for number in range(effort.smalls)}
    cutting = 0.0
    writing = 0.0
    await pool.execute("drop index contexts_near_1024")
    for name, size in sizes.items():
        if name == f"small-{effort.smalls - 1}":
            await pool.execute(
                "set maintenance_work_mem = '1GB'; create index contexts_near_1024 on contexts"
                " using hnsw ((embedding::halfvec(1024)) halfvec_cosine_ops) where dimension = 1024",
                timeout=HOUR,
            )
        left = size
        while left:
            began = time.process_time()
            pieces = list(_pieces(f"bench/{name}", islice(passages, min(left, AT_ONCE))))
            cutting += time.process_time() - began
            left -= len(pieces)
            began = time.perf_counter()
            async with pool.acquire() as connection, connection.transaction():
                await contexts.put(connection, f"bench/{name}", pieces)
            writing = writing + time.perf_counter() - began if name == f"small-{effort.smalls - 1}" else 0.0
    await pool.execute("vacuum analyze contexts, context_words", timeout=HOUR)
    whole = await pool.fetchval("select pg_total_relation_size('contexts') + pg_total_relation_size('context_words')")
    return {
        "embedded_per_second": effort.contexts / cutting,
        "written_per_second": effort.small / writing,
        "bytes_each": whole / await pool.fetchval("select count(*) from contexts"),
    }


def _pieces(project: str, passages: Iterable[Passage]) -> Iterator[Piece]:
    embedder, known = HashEmbedder(), lexicon()
    for passage in passages:
        yield embedded(
            uuid4(), ContextKind.CODE, passage, embedder, known, project=project, start_line=1, end_line=1
        )  # fmt: skip


def _endless_passages() -> Iterator[Passage]:
    """Chunks of what is installed here; over again under other paths where that is not enough."""
    folders = [Path(sysconfig.get_paths()["stdlib"]), Path(sysconfig.get_paths()["purelib"])]
    turn = 0
    while True:
        turn += 1
        for folder in folders:
            for file in sorted(folder.rglob("*.py")):
                if not FOREIGN.intersection(file.relative_to(folder).parts):
                    path = f"{turn}/{file.relative_to(folder).as_posix()}"
                    text = file.read_text(encoding="utf-8", errors="replace")
                    yield from (Passage(chunk.text, chunk.symbol, path) for chunk in chunks_of(path, text))


async def _time(contexts: Contexts, project: str, asked: Sequence[str]) -> list[float]:
    took = []
    for turn, query in enumerate((*asked[:20], *asked)):  # the first ones warm it
        began = time.perf_counter()
        await contexts.search(project, query, limit=10)
        if turn >= 20:
            took.append(1000 * (time.perf_counter() - began))
    return took


async def _recall_of_index(contexts: Contexts, pool: asyncpg.Pool, project: str, asked: Sequence[str]) -> float:
    """Of the ten that are really nearest, how many are the first ten of what a search takes from the index."""
    embedder = HashEmbedder()
    nearest = (
        "select id from contexts where project = $1 and dimension = 1024 and consolidated_at is null"
        " order by embedding::halfvec(1024) <=> $2::halfvec(1024) limit $3"
    )
    exact = "set local enable_indexscan = off; set local enable_sort = on"
    found = []
    for query in asked[:EXACT_QUERIES]:
        vector = str(list(unpack(embedder.embed_query(query), embedder.dimension)))
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SEARCHING)
            by_index = {row["id"] for row in (await connection.fetch(nearest, project, vector, OF_EACH_WAY))[:10]}
            await connection.execute(exact)
            really = {row["id"] for row in (await connection.fetch(nearest, project, vector, OF_EACH_WAY))[:10]}
        found.append(len(by_index & really) / max(len(really), 1))
    return statistics.mean(found)


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
