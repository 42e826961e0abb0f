"""Tokens that are handed out without an end."""

import re
from collections.abc import Iterator

from server.analysis.flow import program as p
from server.analysis.python.tokens import ENDLESS_TOKEN
from server.analysis.rule import Hit
from server.analysis.rules import UNVERIFIED_TOKEN
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, Called, chain, plain

_SIGNS = re.compile(
    r"(?:^|\.)(?:JWT\.encode|jwt\.NewWithClaims|Jwts\.builder(?:\.\w+)*\.compact|JWT\.create(?:\.\w+)*\.sign)$"
)
_ENDS = re.compile(r"\bexp\b|['\":]exp\b|expir|ttl|lifetime|valid_until|NotAfter", re.IGNORECASE)


_TAKEN_APART = re.compile(
    r"split\(\s*['\"](?:\\\\)?\.['\"]|explode\(\s*['\"]\.['\"]|strings\.Split\(\s*\w+\s*,\s*\"\.\"|\.split\(\s*['\"]\.['\"]"
)
_DECODED = re.compile(r"base64|b64decode|urlsafe_decode|atob\(", re.IGNORECASE)
_READ = re.compile(r"json|readTree|Unmarshal|claims", re.IGNORECASE)
_CHECKED = re.compile(
    r"verif|signature|hmac|\bmac\b|\.sign\(|hash_equals|secure_compare|digest|parseSigned", re.IGNORECASE
)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _taken_apart(body)
    for called in body.calls:
        if _SIGNS.search(called.chain) and not _ENDS.search(body.text) and _shows_claims(called, body):
            yield Suspect(ENDLESS_TOKEN, Hit(body.span(called.node.line), "The token never ends"), "")
            return


def _taken_apart(body: Body) -> Iterator[Suspect]:
    """`json(base64(token.split(".")[1]))`, and no look at what stands behind the second dot."""
    text = body.text
    decoded = _DECODED.search(text)
    if decoded and _TAKEN_APART.search(text) and _READ.search(text) and not _CHECKED.search(text):
        line = body.function.line + text.count("\n", 0, decoded.start())
        yield Suspect(UNVERIFIED_TOKEN, Hit(body.span(line), "A token is taken apart by hand, and never verified"), "")


def _shows_claims(called: Called, body: Body) -> bool:
    """Whether all that goes into the token is written here, and not in a function that makes the claims."""
    if called.last in ("compact", "sign"):
        return "claims(" not in body.text.lower().replace("getclaims(", "")
    claims = [one for one in called.node.args if not chain(one).startswith("jwt.SigningMethod")][:1]
    for one in claims:
        values = body.values.get(plain(one), ()) if plain(one) else [one]
        if not values or not all(isinstance(v, p.Collection) or (isinstance(v, p.Call) and v.new) for v in values):
            return False
    return bool(claims)
