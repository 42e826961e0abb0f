"""An embedder elsewhere, by HTTP, as OpenAI's `/v1/embeddings` speaks it, and with it Voyage and many a local server.

Its key is the hub's own, which looks into no text that it sends; no process that reads a repository has it. Knows no
Postgres: `embedding.py` keeps what comes back.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Sequence
from http import HTTPStatus
from time import monotonic
from typing import NamedTuple

import aiohttp
import msgspec

from server.config import Settings
from server.errors import HiveError

AT_ONCE = 64
MAX_CHARACTERS = 8_000
"""Of one text: what is longer is cut, as no embedder takes it whole."""
MAX_ANSWER_BYTES = 16 * 1024 * 1024
EMBED_SECONDS = 60.0
ASK_SECONDS = 5.0
"""A person waits for it, and there are other vectors to search by."""
AWAY_SECONDS = 30.0
"""After a failure nobody waits for it again for so long."""
KEPT_QUERIES = 1_000

Vector = Sequence[float]


class EmbedderFailed(HiveError):
    """No vectors came. *is_text*: because of the texts, so the same ones will fail again."""

    def __init__(self, message: str, *, hint: str = "", is_text: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.is_text = is_text


class Endpoint(NamedTuple):
    """*key* "": it needs none."""

    url: str
    model: str
    dimension: int
    key: str = ""

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r}, {self.model!r}, {self.dimension})"


def endpoint_of(settings: Settings) -> Endpoint | None:
    """None where none is set."""
    if settings.embedder is None or settings.embedder_model is None or settings.embedder_dimension is None:
        return None
    key = settings.embedder_key.reveal() if settings.embedder_key else ""
    return Endpoint(settings.embedder, settings.embedder_model, settings.embedder_dimension, key)


class _Embedded(msgspec.Struct):
    index: int
    embedding: list[float]


class _Answer(msgspec.Struct):
    data: list[_Embedded]


class RemoteEmbedder:
    """For one event loop."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._session: aiohttp.ClientSession | None = None
        self._asked: OrderedDict[str, Vector] = OrderedDict()
        self._away_until = 0.0

    @property
    def name(self) -> str:
        """Only vectors of one name are compared."""
        return f"{self._endpoint.model}/{self.dimension}"

    @property
    def dimension(self) -> int:
        return self._endpoint.dimension

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Of up to `AT_ONCE` texts, in their order, each of length 1. Raises `EmbedderFailed`."""
        return await self._vectors(texts, EMBED_SECONDS)

    async def ask(self, query: str) -> Vector:
        """The same for what somebody looks for. Raises `EmbedderFailed`, at once while it is away."""
        if query in self._asked:
            self._asked.move_to_end(query)
            return self._asked[query]
        if monotonic() < self._away_until:
            raise EmbedderFailed("the embedder did not answer a moment ago")
        try:
            (vector,) = await self._vectors([query], ASK_SECONDS)
        except EmbedderFailed:
            self._away_until = monotonic() + AWAY_SECONDS
            raise
        self._asked[query] = vector
        if len(self._asked) > KEPT_QUERIES:
            self._asked.popitem(last=False)
        return vector

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _vectors(self, texts: Sequence[str], seconds: float) -> list[Vector]:
        content = await self._post([text[:MAX_CHARACTERS] for text in texts], seconds)
        try:
            rows = sorted(msgspec.json.decode(content, type=_Answer).data, key=lambda row: row.index)
        except msgspec.MsgspecError as error:
            raise EmbedderFailed(f"the embedder's answer is none: {error}", hint=_CHECK_URL) from error
        if [row.index for row in rows] != list(range(len(texts))):
            raise EmbedderFailed("the embedder answers for other texts than it was asked about", hint=_CHECK_URL)
        return [self._checked(row.embedding) for row in rows]

    def _checked(self, numbers: list[float]) -> Vector:
        if len(numbers) != self.dimension:
            raise EmbedderFailed(
                f"{self._endpoint.model} gives vectors of {len(numbers)} numbers, not of {self.dimension}",
                hint=f"set HIVE_EMBEDDER_DIMENSION={len(numbers)}; what was embedded is embedded anew",
            )
        length = math.sqrt(sum(number * number for number in numbers))
        if not math.isfinite(length) or not length:
            raise EmbedderFailed("the embedder gives a vector without a direction")
        return [number / length for number in numbers]

    async def _post(self, texts: Sequence[str], seconds: float) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        headers = {"Authorization": f"Bearer {self._endpoint.key}"} if self._endpoint.key else {}
        body = {"model": self._endpoint.model, "input": texts}
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.post(self._endpoint.url, json=body, headers=headers, allow_redirects=False) as answer,
            ):
                if answer.status != HTTPStatus.OK:
                    raise _refusal(answer.status)
                content = await answer.content.read(MAX_ANSWER_BYTES + 1)
                while len(content) <= MAX_ANSWER_BYTES and (more := await answer.content.read(MAX_ANSWER_BYTES)):
                    content += more
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = type(error).__name__
            raise EmbedderFailed(f"the embedder does not answer ({reason})", hint=_CHECK_URL) from error
        if len(content) > MAX_ANSWER_BYTES:
            raise EmbedderFailed("the embedder's answer is too long", hint=_CHECK_URL)
        return content


_CHECK_URL = "HIVE_EMBEDDER is the whole address, such as https://api.voyageai.com/v1/embeddings"


def _refusal(status: int) -> EmbedderFailed:
    """What it says of it is left out: it may repeat what it was sent."""
    match status:
        case 401 | 403:
            return EmbedderFailed("the embedder refuses the key", hint="check HIVE_EMBEDDER_KEY")
        case 400 | 413 | 422:
            hint = "check HIVE_EMBEDDER_MODEL; a text that it does not take is left out"
            return EmbedderFailed(f"the embedder refuses the request ({status})", hint=hint, is_text=True)
        case 429:
            return EmbedderFailed("the embedder has had too many requests", hint="it is asked again later")
        case _:
            return EmbedderFailed(f"the embedder answers with status {status}", hint=_CHECK_URL)
