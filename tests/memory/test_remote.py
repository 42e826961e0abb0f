"""An embedder elsewhere: its vectors are searched once it has embedded a project, and nothing waits for it."""

from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest
from aiohttp import web

from server.analysis.redaction import redact
from server.memory.context import NewContext
from server.memory.contexts import Contexts
from server.memory.embedding import Embedding
from server.memory.remote import AT_ONCE, EmbedderFailed, Endpoint, RemoteEmbedder

PROJECT = "github.com/octo/app"
KEY = "pa-the-key-of-the-embedder"
TOKEN = "ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq18"


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What `/v1/embeddings` takes, as far as everybody's does."""

    model: str
    input: list[str]


class Provider:
    """Texts of the north lie together, in whatever words; the rest lies elsewhere."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.told: list[Request] = []

    async def answer(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=Request)
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        assert 1 <= len(asked.input) <= AT_ONCE
        self.told.append(asked)
        if self.status != 200 or any("unspeakable" in text for text in asked.input):
            return web.Response(status=self.status if self.status != 200 else 400, text=f"no: {asked.input}")
        numbers = 3 if asked.model == "large" else 2
        rows = [
            {"object": "embedding", "index": at, "embedding": vector(text, numbers)}
            for at, text in enumerate(asked.input)
        ]
        return web.json_response({"object": "list", "data": rows[::-1], "usage": {"total_tokens": 1}})


def vector(text: str, numbers: int) -> list[float]:
    is_north = any(word in text.lower() for word in ("north", "boreal", "arctic"))
    return ([2.0, 0.1] if is_north else [0.1, 2.0]) + [0.0] * (numbers - 2)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_post("/v1/embeddings", provider.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/embeddings"
    yield provider
    await runner.cleanup()


@pytest.fixture
async def remote(provider: Provider) -> AsyncIterator[RemoteEmbedder]:
    remote = RemoteEmbedder(Endpoint(provider.url, "small", 2, KEY))
    yield remote
    await remote.close()


async def embed_all(pool: asyncpg.Pool, remote: RemoteEmbedder) -> None:
    embedding = Embedding(pool, remote, is_leading=lambda: True)
    while await embedding.embed_some():
        pass


def over(pool: asyncpg.Pool, remote: RemoteEmbedder) -> Contexts:
    """As a hub that has not looked yet how far the embedder is."""
    return Contexts(pool, redact=redact, remote=remote)


async def said(contexts: Contexts, query: str) -> list[str]:
    return [context.text for context in await contexts.search(PROJECT, query)]


async def test_what_is_meant_is_found_without_a_word_in_common(
    pool: asyncpg.Pool, provider: Provider, remote: RemoteEmbedder
) -> None:
    for text in ("arctic fox", "desert fox", f"the arctic token is {TOKEN}"):
        await over(pool, remote).add(NewContext(PROJECT, text))
    assert await said(over(pool, remote), "boreal") == []

    await embed_all(pool, remote)

    assert (await said(over(pool, remote), "boreal"))[-1] == "desert fox"
    assert await said(over(pool, remote), f"boreal {TOKEN}") != []
    assert TOKEN not in str(provider.told)


async def test_while_it_is_away_the_search_goes_by_what_every_context_is_born_with(
    pool: asyncpg.Pool, provider: Provider, remote: RemoteEmbedder
) -> None:
    await over(pool, remote).add(NewContext(PROJECT, "arctic fox"))
    await embed_all(pool, remote)
    provider.status = 503
    provider.told.clear()
    contexts = over(pool, remote)

    assert await said(contexts, "a fox") == ["arctic fox"]
    assert await said(contexts, "the foxes") == ["arctic fox"]

    assert len(provider.told) == 1, "nobody waits for it again right away"


async def test_another_model_or_another_text_is_embedded_anew_and_nothing_else(
    pool: asyncpg.Pool, provider: Provider, remote: RemoteEmbedder
) -> None:
    contexts = over(pool, remote)
    await contexts.add(NewContext(PROJECT, "arctic fox"))
    await contexts.add(NewContext(PROJECT, "desert fox", about="fox"))
    await embed_all(pool, remote)
    provider.told.clear()

    await contexts.add(NewContext(PROJECT, "boreal fox", about="fox"))
    await embed_all(pool, remote)
    assert [request.input for request in provider.told] == [["boreal fox"]]

    other = RemoteEmbedder(Endpoint(provider.url, "large", 3, KEY))
    await embed_all(pool, other)
    assert sorted(provider.told[-1].input) == ["arctic fox", "boreal fox"]
    assert sorted(await said(over(pool, other), "north")) == ["arctic fox", "boreal fox"]
    await other.close()


async def test_a_text_that_it_does_not_take_is_left_out_and_spoils_no_other(
    pool: asyncpg.Pool, provider: Provider, remote: RemoteEmbedder
) -> None:
    for text in ("arctic fox", "unspeakable", "desert fox"):
        await over(pool, remote).add(NewContext(PROJECT, text))

    await embed_all(pool, remote)

    (size,) = await over(pool, remote).sizes(PROJECT)
    assert (size.embedder, size.contexts, size.embedded) == ("small/2", 3, 2)


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({}, 401, "refuses the key"),
        ({}, 404, "status 404"),
        ({}, 429, "too many requests"),
        ({}, 400, "refuses every text"),
        ({"url": "http://127.0.0.1:1/v1/embeddings"}, 200, "does not answer"),
        ({"dimension": 5}, 200, "gives vectors of 2 numbers, not of 5"),
    ],
    ids=["key", "address", "limit", "model", "away", "dimension"],
)
async def test_what_is_wrong_is_said_with_what_to_do_and_without_what_was_sent(
    pool: asyncpg.Pool, provider: Provider, change: dict[str, object], status: int, reason: str
) -> None:
    endpoint = Endpoint(provider.url, "small", 2, KEY)._replace(**change)
    remote = RemoteEmbedder(endpoint)
    for text in ("arctic fox", "desert fox"):
        await over(pool, remote).add(NewContext(PROJECT, text))
    provider.status = status

    with pytest.raises(EmbedderFailed, match=reason) as failed:
        await Embedding(pool, remote, is_leading=lambda: True).embed_some()

    assert failed.value.hint
    assert "fox" not in f"{failed.value}{failed.value.hint}"
    assert KEY not in f"{failed.value!r}{endpoint!r}"
    await remote.close()
