"""Whether what a model wrote may be shown to people: nothing that leads elsewhere, nothing made up, nothing degenerate.

A link is how a secret leaves through a page: whoever shows the answer would fetch the image or offer the address. So an
address is let through only when it stands in the snapshot exactly so, and an image never.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

import re2

from server.agents.hostile.cleaning import Flag, excerpt_of
from server.analysis.redaction import redact, secrets_in
from server.reviews.snapshot import Snapshot

MAX_ANSWER = 60_000
"""Characters: GitHub takes 65,536 in a comment."""

MAX_SAME_LINES = 12
"""The same line, if it says something."""
LEAST_LINE = 20
LEAST_COMPRESSED = 2_000
SMALLEST_RATIO = 0.06
"""Prose compresses to about 0.4 of its length, tables and code to 0.15; a loop to next to nothing."""

MAX_OBJECTIONS = 30

_TOLD = {"address": "an address", "image": "an image", "secret": "a secret"}
"""Of which objections people hear."""


class Objection(NamedTuple):
    """*kind*: `empty`, `refusal`, `repetition`, `too long`, `address`, `image`, `secret`, `citation`.

    *message* tells the model what to do instead; it is data, too: it quotes.
    """

    kind: str
    message: str


def check_answer(text: str, snapshot: Snapshot) -> tuple[Objection, ...]:
    """() when the text may be shown. Pieces of code in it are looked at as well: a page makes links there too."""
    if not text.strip():
        return (Objection("empty", "The answer is empty: write one."),)
    if len(text) > MAX_ANSWER:
        return (Objection("too long", f"The answer has {len(text):,} characters; {MAX_ANSWER:,} is the most."),)
    found = [*_degenerate(text), *_leading_away(text, snapshot), *_told_on(text, snapshot), *_invented(text, snapshot)]
    return tuple(dict.fromkeys(found))[:MAX_OBJECTIONS]


class Gate:
    """Lets through what a model writes about one snapshot; *flags*: how it tried to lead people away from it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.flags: list[Flag] = []

    def problems(self, *texts: str) -> list[str]:
        """What is wrong with them, in words for the model; [] when they may be shown."""
        objections = [objection for text in texts for objection in check_answer(text, self._snapshot)]
        self.flags += (
            Flag(f"the model wrote {_TOLD[one.kind]}", self._told(one), True)
            for one in objections
            if one.kind in _TOLD and not _leads_to_reference(one.message)
        )
        return [objection.message for objection in objections]

    def _told(self, objection: Objection) -> str:
        return excerpt_of(redact(objection.message, _secrets_of(self._snapshot)))


_DECLINE = (
    r"(?:help|assist|comply|do (?:that|this|so)|provide|answer|review|continue|fulfil|engage|participate|discuss"
    r"|process|complete|proceed)"
)
_CANNOT = rf"I (?:can(?:no|['’])t|am unable to|am not able to|won['’]t|will not|must decline to) {_DECLINE}"
_REFUSAL = re.compile(
    rf"\s*(?:I['’]?m (?:very )?sorry\b|I apologi[sz]e\b|Sorry, |As an AI\b|(?:Unfortunately,? )?{_CANNOT}"
    rf"|I['’]m (?:unable|not able|not comfortable)(?: to)? {_DECLINE}|I (?:must|have to) decline\b)",
    re.IGNORECASE,
)


def _degenerate(text: str) -> Iterator[Objection]:
    if _REFUSAL.match(text) and len(text) < 1_500:
        yield Objection("refusal", "The answer declines to answer: say what the code shows, and what it does not.")
    lines = Counter(line for line in map(str.strip, text.split("\n")) if len(line) >= LEAST_LINE)
    if lines and lines.most_common(1)[0][1] > MAX_SAME_LINES:
        yield Objection("repetition", "The answer says the same line again and again: say each thing once.")
    elif len(text) >= LEAST_COMPRESSED:
        encoded = text.encode("utf-8", "replace")
        if len(zlib.compress(encoded)) / len(encoded) < SMALLEST_RATIO:
            yield Objection("repetition", "The answer goes round in circles: say each thing once.")


_ADDRESS = re2.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.-]{1,20}://|\b(?:mailto|data|javascript|vbscript|file|tel):|\bwww\.)[^\s<>\"'`\\)\]}|]+"
    r"|(?:\]\(|\]:\s*|(?:href|src)\s*=\s*[\"']?)\s*<?//[^\s<>\"'`\\)\]}|]+"
    r"|(?:\]\(\s*<?|<|(?:href|src)\s*=\s*[\"']?)[a-z][a-z0-9+.-]{2,20}:[^\s<>\"'`\\)\]}|]+"
)
_IMAGE = re2.compile(
    r"(?i)!\[[^\]]*\]\s*[\[(]|<\s*(?:img|picture|svg|video|audio|iframe|object|embed|source|input|link)\b"
)
_TRAILING = ".,;:!?*_~"


def _leading_away(text: str, snapshot: Snapshot) -> Iterator[Objection]:
    if _IMAGE.search(text):
        yield Objection("image", "The answer holds an image or embedded content: leave it out.")
    addresses = dict.fromkeys(found[0].rstrip(_TRAILING) for found in _ADDRESS.finditer(text))
    if not addresses:
        return
    held = _addresses_of(snapshot)
    for address in addresses:
        if address not in held:
            yield Objection("address", f"{address[:200]} does not stand in the snapshot: leave the address out.")


@lru_cache(maxsize=2)
def _addresses_of_texts(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(found[0].rstrip(_TRAILING) for text in texts for found in _ADDRESS.finditer(text))


def _addresses_of(snapshot: Snapshot) -> frozenset[str]:
    """Of its files, whole: what only begins like one of them could carry something away."""
    files = (*snapshot.files, *snapshot.context)
    texts = [text for file in files for text in (file.text, file.base) if text and ("://" in text or "www." in text)]
    return _addresses_of_texts(tuple(texts))


def _told_on(text: str, snapshot: Snapshot) -> Iterator[Objection]:
    """No tool shows a secret; whoever knows one all the same shall not pass it on."""
    if any(secret in text for secret in _secrets_of(snapshot)):
        yield Objection("secret", "The answer holds a secret of the repository: say where it stands, not what it is.")


def _secrets_of(snapshot: Snapshot) -> frozenset[str]:
    """Of the files of the change, before and after."""
    return _secrets_of_texts(tuple(text for file in snapshot.files for text in (file.text, file.base) if text))


@lru_cache(maxsize=2)
def _secrets_of_texts(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(secret for text in texts for secret in secrets_in(text))


_REFERENCE = re.compile(
    r"https?://(?:[\w-]+\.){0,3}(?:python\.org|mozilla\.org|owasp\.org|mitre\.org|ietf\.org|rfc-editor\.org|nist\.gov|go\.dev"
    r"|nodejs\.org|w3\.org|postgresql\.org|djangoproject\.com|wikipedia\.org|oracle\.com|php\.net|ruby-lang\.org)"
    r"(?:/[^\s?]{0,120})?\s"
)
"""Where documentation is read and nobody collects what others ask for: to be left out, but no news."""


def _leads_to_reference(message: str) -> bool:
    return _REFERENCE.match(message) is not None


_CITATION = re2.compile(
    r"(?:^|[\s`'\"(\[{,;*])(?P<path>[\w@+~.][\w@+~./-]{0,250}):(?P<first>\d{1,7})(?:\s?[-–]\s?(?P<last>\d{1,7}))?\b"
)
_NO_FILE = re.compile(
    r"\d|(?:[\w-]+\.)+(?:com|org|net|io|dev)/|(?:[\w-]+\.)*(?:localhost|com|org|net|io|dev|local|internal|example|test)$"
    r"|[^/]*\.\d\w*$",
    re.IGNORECASE,
)
"""Hosts, versions, times."""


def _invented(text: str, snapshot: Snapshot) -> Iterator[Objection]:
    """Citations `path:line` of files or lines that are not there."""
    counts: dict[str, int] | None = None
    for found in _CITATION.finditer(text):
        path = found["path"].removeprefix("./")
        if _NO_FILE.match(path) or not ("/" in path or "." in path):
            continue
        if counts is None:
            counts = {file.path: file.text.count("\n") + 1 for file in (*snapshot.files, *snapshot.context)}
        first, last = int(found["first"]), int(found["last"] or found["first"])
        cited = f"{path}:{found['first']}" + (f"-{found['last']}" if found["last"] else "")
        if path not in counts:
            yield Objection("citation", f"{cited}: no such file in the snapshot{_nearest(path, list(counts))}.")
        elif not 1 <= first <= last <= counts[path]:
            yield Objection("citation", f"{cited}: {path} has {counts[path]} lines.")


def _nearest(path: str, paths: Sequence[str]) -> str:
    same_name = [other for other in paths if other.rpartition("/")[2] == path.rpartition("/")[2]][:3]
    near = same_name or get_close_matches(path, paths[:2_000], n=2, cutoff=0.75)
    return f"; nearest: {', '.join(near)}" if near else ""
