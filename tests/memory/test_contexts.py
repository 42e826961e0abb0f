"""Contexts in a real Postgres: remembered, found, kept apart by project, written only where they changed, forgotten."""

from uuid import uuid4

import asyncpg
import msgspec
import pytest

from server.analysis.redaction import redact
from server.memory.consolidation import Consolidation
from server.memory.context import ContextKind, ContextNotFound, ContextRefused, NewContext
from server.memory.contexts import FEW, Contexts
from server.memory.embedder import pack
from server.memory.indexing import Indexer
from server.memory.learning import Learning
from server.memory.pieces import piece_id
from server.memory.recall import recall
from server.memory.recording import IndexRefused, Remembering
from server.memory.terms import Passage
from server.memory.wire import KIND, IndexedFile, Indexing
from server.reviews.finding import Confidence, Finding, Severity, fingerprint
from server.reviews.findings import FindingStore
from server.reviews.snapshot import Coverage, Report
from server.reviews.workflow import KINDS

PROJECT, OTHER = "github.com/octo/app", "github.com/octo/other"

CART = '''class Cart:
    """Holds what is bought."""

    def total(self):
        return sum(item.price for item in self.items)

    def remove_item(self, name):
        self.items = [item for item in self.items if item.name != name]
'''

BASKETS = "def empty_all_baskets(baskets):\n    for basket in baskets:\n        basket.items.clear()\n"


@pytest.fixture
def contexts(pool: asyncpg.Pool) -> Contexts:
    return Contexts(pool, redact=redact)


class Scene:
    """Files as they come through the agent to the hub, without what carries them."""

    def __init__(self, pool: asyncpg.Pool, contexts: Contexts) -> None:
        self._pool = pool
        self._contexts = contexts
        self._indexer = Indexer(redact)

    async def index(
        self, files: dict[str, str], *, gone: tuple[str, ...] = (), project: str = PROJECT
    ) -> dict[str, int]:
        asked = Indexing(project, tuple(IndexedFile(path, text) for path, text in files.items()), gone)
        return await self.record(asked, msgspec.json.encode(self._indexer.index(asked)))

    async def record(self, asked: Indexing, answer: bytes) -> dict[str, int]:
        job = {"project": asked.project, "args": msgspec.json.encode(asked)}
        async with self._pool.acquire() as connection, connection.transaction():
            kept = await Remembering(self._contexts)(connection, job, answer)
        return msgspec.json.decode(kept)

    def answer(self, asked: Indexing) -> dict[str, object]:
        return msgspec.json.decode(msgspec.json.encode(self._indexer.index(asked)))


@pytest.fixture
def scene(pool: asyncpg.Pool, contexts: Contexts) -> Scene:
    return Scene(pool, contexts)


async def found(contexts: Contexts, query: str, **options: object) -> list[str]:
    return [context.symbol or context.text for context in await contexts.search(PROJECT, query, **options)]


async def test_a_function_is_found_by_what_it_does(contexts, scene):
    await scene.index({"shop/cart.py": CART, "shop/baskets.py": BASKETS})

    assert (await found(contexts, "delete an item from the cart"))[0] == "Cart.remove_item"
    assert (await found(contexts, "empty every basket"))[0] == "empty_all_baskets"
    assert await found(contexts, "the of and") == []


async def test_a_method_knows_the_class_around_it(contexts, scene):
    await scene.index({"shop/cart.py": CART})

    method = next(c for c in await contexts.search(PROJECT, "total price") if c.symbol == "Cart.total")

    assert (method.path, method.start_line, method.kind) == ("shop/cart.py", 4, ContextKind.CODE)
    assert (await contexts.get(method.parent)).symbol == "Cart"


async def test_only_what_changed_is_written_again(contexts, scene, pool):
    await scene.index({"cart.py": CART})
    before = dict(await pool.fetch("select symbol, xmin::text from contexts"))

    recorded = await scene.index({"cart.py": CART.replace("item.name", "item.title")})

    after = dict(await pool.fetch("select symbol, xmin::text from contexts"))
    assert (recorded["written"], recorded["unchanged"], recorded["forgotten"]) == (1, 2, 0)
    assert {symbol for symbol in after if after[symbol] != before[symbol]} == {"Cart.remove_item"}


async def test_what_moved_has_its_new_lines_and_what_is_gone_is_forgotten(contexts, scene):
    await scene.index({"cart.py": CART, "baskets.py": BASKETS})

    moved = await scene.index({"cart.py": f"import os\nimport sys\n\n{CART}"}, gone=("baskets.py",))

    total = next(c for c in await contexts.search(PROJECT, "total price") if c.symbol == "Cart.total")
    assert total.start_line == 7
    assert moved["forgotten"] == 1
    assert "empty_all_baskets" not in await found(contexts, "empty every basket")
    assert list(await contexts.files(PROJECT)) == ["cart.py"]


async def test_projects_know_nothing_of_each_other(contexts, scene):
    await scene.index({"cart.py": CART})
    await scene.index({"cart.py": CART}, project=OTHER)
    await scene.index({}, gone=("cart.py",))

    assert await found(contexts, "total price") == []
    theirs = await contexts.search(OTHER, "total price")
    assert theirs[0].symbol == "Cart.total"
    with pytest.raises(ContextNotFound):
        await contexts.get(theirs[0].id, project=PROJECT)
    with pytest.raises(ContextNotFound):
        await contexts.forget(theirs[0].id, by="octo", project=PROJECT)


async def test_a_large_project_is_searched_by_the_index(contexts, scene, pool):
    await scene.index({"cart.py": CART})
    await pool.execute(
        "insert into contexts (id, project, kind, text, digest, model, dimension, embedding)"
        " select gen_random_uuid(), $1, 'code', 'filler', repeat('0', 64), $2, 1024,"
        "        array_fill(0::real, array[1024])::vector::halfvec from generate_series(1, $3)",
        PROJECT, contexts.model, FEW,
    )  # fmt: skip

    by_index = await contexts.search(PROJECT, "remove an item from the cart")

    assert by_index[0].symbol == "Cart.remove_item"
    assert by_index[0].near_place == 1


async def test_secrets_are_taken_out_before_anything_is_kept(contexts, scene, pool):
    token = "ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17"
    await scene.index({"deploy.py": f'def deploy(host):\n    token = "{token}"\n    return connect(host, token)\n'})
    await contexts.add(NewContext(PROJECT, f"the deployment's token is {token}"))

    kept = await pool.fetch("select text from contexts")

    assert len(kept) == 2
    assert not any(token in row["text"] for row in kept)
    assert all("[redacted" in row["text"] for row in kept)


@pytest.mark.parametrize("text", ["", " \n", "\0", "x" * 20_000], ids=["empty", "blank", "nul", "long"])
async def test_what_cannot_be_remembered_is_refused(contexts, text):
    with pytest.raises(ContextRefused):
        await contexts.add(NewContext(PROJECT, text))


async def test_another_note_about_the_same_thing_takes_its_place(contexts):
    await contexts.add(NewContext(PROJECT, "the build needs Java 17", about="build"))
    await contexts.add(NewContext(PROJECT, "the build needs Java 21", about="build"))

    assert await found(contexts, "which Java does the build need") == ["the build needs Java 21"]


async def test_a_parent_must_be_of_the_same_project(contexts):
    theirs = await contexts.add(NewContext(OTHER, "theirs alone"))

    with pytest.raises(ContextRefused, match="no context of"):
        await contexts.add(NewContext(PROJECT, "ours", parent=theirs.id))


async def test_what_is_forgotten_is_gone_and_who_did_it_is_kept(contexts, pool):
    note = await contexts.add(NewContext(PROJECT, "an embarrassing note"))

    await contexts.forget(note.id, by="octo", why="asked for")

    assert await found(contexts, "embarrassing note") == []
    assert await pool.fetchval("select count(*) from context_words") == 0
    event = await pool.fetchrow("select * from context_events")
    assert (event["type"], event["context"], event["by"], event["why"]) == ("forgotten", note.id, "octo", "asked for")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("delete from context_events")
    with pytest.raises(ContextNotFound):
        await contexts.forget(note.id, by="octo")


async def test_a_whole_project_is_forgotten(contexts, scene, pool):
    await scene.index({"cart.py": CART})
    await contexts.add(NewContext(PROJECT, "a note"))
    await contexts.add(NewContext(OTHER, "another's note"))

    assert await contexts.forget_all(PROJECT, by="octo") == 4

    assert [size.project for size in await contexts.sizes()] == [OTHER]
    assert await contexts.files(PROJECT) == {}


async def test_notes_fade_unless_they_are_of_use_and_code_never_does(contexts, scene, pool):
    await scene.index({"cart.py": CART})
    unused = await contexts.add(NewContext(PROJECT, "the printer is on the third floor"))
    useful = await contexts.add(NewContext(PROJECT, "releases are tagged on Mondays"))
    await pool.execute("update contexts set created_at = hive_now() - interval '400 days'")
    await contexts.use(PROJECT, [useful])

    faded = await Consolidation(pool).consolidate()

    assert faded == 1
    with pytest.raises(ContextNotFound):
        await contexts.get(unused.id)
    assert (await contexts.get(useful.id)).uses == 1
    assert len(await contexts.search(PROJECT, "cart")) >= 3


async def test_what_says_the_same_becomes_one_while_agents_sleep(contexts, pool):
    first = await contexts.add(NewContext(PROJECT, "never retry a payment without its idempotency key", importance=0.9))
    again = await contexts.add(NewContext(PROJECT, "Never retry a payment without an idempotency key!"))
    other = await contexts.add(NewContext(OTHER, "never retry a payment without its idempotency key"))

    assert await Consolidation(pool).consolidate() == 1
    assert await Consolidation(pool).consolidate() == 0

    assert await found(contexts, "retry payments") == [first.text]
    merged = await contexts.get(again.id)
    assert (merged.parent, merged.consolidated_at is not None) == (first.id, True)
    assert (await contexts.get(other.id)).consolidated_at is None


def a_finding() -> Finding:
    return Finding(
        fingerprint=fingerprint("hive.sql-injection", "shop/orders.py", "execute(query)", 0),
        rule="hive.sql-injection",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        path="shop/orders.py",
        start_line=3,
        end_line=3,
        start_column=1,
        end_column=15,
        message="a query is built from what a client sends",
        why="",
        evidence="execute(query)",
    )


async def test_a_dismissal_is_learned_and_its_reopening_unlearns_it(contexts, pool):
    async def tell_nobody(_: object) -> None: ...

    findings, finding = FindingStore(pool, tell_nobody), a_finding()
    async with pool.acquire() as connection, connection.transaction():
        await findings.record(connection, PROJECT, None, Report((finding,), Coverage(("shop/orders.py",))), place="api")
    learning = Learning(pool, contexts)

    await findings.dismiss(PROJECT, finding.fingerprint, by="ann", why="the table name is a constant of ours")
    assert await learning.learn() == 1
    assert await learning.learn() == 0

    (remembered,) = await contexts.search(PROJECT, "is the table name in this query a constant")
    assert (remembered.kind, remembered.owner, remembered.path) == (ContextKind.FEEDBACK, "ann", "shop/orders.py")
    assert "the table name is a constant of ours" in remembered.text

    await findings.reopen(PROJECT, finding.fingerprint, by="ann")
    assert await learning.learn() == 1
    assert await contexts.search(PROJECT, "table name constant") == []


async def test_what_is_recalled_comes_once_and_says_what_it_is(contexts, scene):
    await scene.index({"shop/cart.py": CART})
    await contexts.add(NewContext(PROJECT, "prices of an item are in cents", importance=1.0))

    memories = await recall(contexts, PROJECT, ["price of an item", "prices in cents"], 3)

    assert len({memory.text for memory in memories}) == len(memories) >= 2
    assert memories[0].about == "a note"
    assert {"code of this project: Cart.total"} <= {memory.about for memory in memories}


class Compass:
    """An embedder of two numbers: what is up north, and what is not."""

    name, dimension = "compass", 2

    def embed(self, passages: list[Passage]) -> list[bytes]:
        return [self.embed_query(passage.text) for passage in passages]

    def embed_query(self, query: str) -> bytes:
        return pack((1.0, 0.0) if "north" in query.lower() else (0.0, 1.0))


async def test_another_embedder_may_be_plugged_in_and_never_meets_the_vectors_of_the_first(pool):
    first, second = Contexts(pool, redact=redact), Contexts(pool, redact=redact, embedder=Compass())
    await first.add(NewContext(PROJECT, "northern lights"))
    await second.add(NewContext(PROJECT, "Northumberland"))
    await second.add(NewContext(PROJECT, "Sussex"))

    found = await second.search(PROJECT, "up north")

    assert [context.text for context in found] == ["Northumberland"]
    assert {size.model for size in await first.sizes(PROJECT)} == {"hash-1024-v1", "compass"}


LIES = {
    "of another project": lambda answer: answer.update(project=OTHER),
    "of another embedder": lambda answer: answer.update(model="other"),
    "a file that was not asked about": lambda answer: answer["files"][0].update(path="other.py"),
    "a piece of another file": lambda answer: answer["files"][0]["pieces"][0].update(path="other.py"),
    "a vector that is too short": lambda answer: answer["files"][0]["pieces"][0].update(vector="AAAA"),
    "a vector of no numbers": lambda answer: answer["files"][0]["pieces"][0].update(vector="//8" + "/" * 2729 + "8="),
    "words out of range": lambda answer: answer["files"][0]["pieces"][0].update(places=[0], weights=[1.0]),
    "a decision": lambda answer: answer["files"][0]["pieces"][0].update(kind="feedback"),
    "a parent elsewhere": lambda answer: answer["files"][0]["pieces"][1].update(parent=str(uuid4())),
    "an owner": lambda answer: answer["files"][0]["pieces"][0].update(owner="ann"),
    "an endless text": lambda answer: answer["files"][0]["pieces"][0].update(text="x" * 20_000),
    "the same file twice": lambda answer: answer["files"].append(answer["files"][0]),
}


@pytest.mark.parametrize("lie", LIES)
async def test_an_answer_that_does_not_fit_its_job_is_refused(scene, pool, lie):
    asked = Indexing(PROJECT, (IndexedFile("cart.py", CART),))
    answer = scene.answer(asked)
    LIES[lie](answer)

    with pytest.raises(ValueError, match=r".+"):
        await scene.record(asked, msgspec.json.encode(answer))

    assert await pool.fetchval("select count(*) from contexts") == 0


async def test_an_agent_cannot_write_over_what_is_not_of_its_files(contexts, scene):
    note = await contexts.add(NewContext(PROJECT, "only people write this"))
    theirs = await contexts.add(NewContext(OTHER, "only others write this"))
    asked = Indexing(PROJECT, (IndexedFile("cart.py", CART),))
    for target in (note, theirs):
        answer = scene.answer(asked)
        answer["files"][0]["pieces"][0]["id"] = str(target.id)
        with pytest.raises(IndexRefused):
            await scene.record(asked, msgspec.json.encode(answer))

        assert (await contexts.get(target.id)).text == target.text


def test_a_kept_id_is_the_same_on_every_machine():
    indexer = Indexer(redact)
    asked = Indexing(PROJECT, (IndexedFile("cart.py", CART),))

    first, second = indexer.index(asked), indexer.index(asked)

    assert first == second
    assert first.files[0].pieces[0].id == piece_id(PROJECT, "cart.py", "Cart", 1)


def test_what_is_too_much_for_one_job_is_left_out_and_named():
    text = "\n\n".join(f"def function_number_{n}(value):\n    return value + {n} + other" for n in range(300))
    asked = Indexing(PROJECT, (IndexedFile("a.py", text), IndexedFile("b.py", text)))

    first, second = Indexer(redact).index(asked).files

    assert (len(first.pieces), first.left_out) == (300, "")
    assert (len(second.pieces), bool(second.left_out)) == (0, True)


def test_jobs_that_are_given_whole_files_are_not_kept_for_long():
    assert KINDS.brief == {KIND, "memory.push"}
