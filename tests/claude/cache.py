"""The prompt cache of the stand-in: what a marked prefix costs the first time, and the next."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.claude.contract import blocks_of

BYTES_PER_TOKEN = 4
MIN_CACHED_TOKENS = 512


def tokens_of(body: Mapping[str, Any]) -> int:
    return sum(_tokens(block) for block in blocks_of(body))


@dataclass(frozen=True)
class InputUsage:
    fresh: int
    read: int
    written: int


class PromptCache:
    def __init__(self) -> None:
        self._known: set[str] = set()

    def take(self, body: Mapping[str, Any]) -> InputUsage:
        """What the API would bill for the input; from now on the marked prefixes are known."""
        digest, tokens, read, marked = hashlib.sha256(body["model"].encode()), 0, 0, 0
        for block in blocks_of(body):
            plain = {key: value for key, value in block.items() if key != "cache_control"}
            digest.update(json.dumps(plain, sort_keys=True).encode())
            tokens += _tokens(block)
            if digest.hexdigest() in self._known:
                read = tokens
            if "cache_control" in block and tokens >= MIN_CACHED_TOKENS:
                self._known.add(digest.hexdigest())
                marked = tokens
        return InputUsage(fresh=tokens - max(read, marked), read=read, written=max(0, marked - read))


def _tokens(block: Mapping[str, Any]) -> int:
    return 1 + len(json.dumps({k: v for k, v in block.items() if k != "cache_control"})) // BYTES_PER_TOKEN
