"""Keys that stand in the code, followed from the literal through constants and conversions to what signs or encrypts
with them, within one file.
"""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.rule import Hit
from server.analysis.text.credentials import HARDCODED_KEY, is_live
from server.analysis.text.looks import PLACEHOLDER, is_value
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, Called, chain, plain, walk
from server.analysis.web.lowered.words import snake

_TAKERS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"(?:^|\.)create(?:Cipheriv|Decipheriv|Hmac)$"), 1),
    (re.compile(r"(?:^|\.)(?:jwt|jsonwebtoken|JWT|jose)\.(?:sign|verify|encode|decode)$"), 1),
    (re.compile(r"(?:^|\.)jwtVerify$"), 1),
    (re.compile(r"(?:^|\.)SignJWT(?:\.\w+)*\.sign$"), 0),
    (re.compile(r"(?:^|\.)CryptoJS\.\w+\.(?:en|de)crypt$"), 1),
    (re.compile(r"(?:^|\.)(?:SecretKeySpec|hmacShaKeyFor|setSigningKey|verifyWith|DESKeySpec)$"), 0),
    (re.compile(r"(?:^|\.)signWith$"), -1),
    (re.compile(r"(?:^|\.)Algorithm\.HMAC\d+$"), 0),
    (re.compile(r"^(?:aes|des|rc4|blowfish|chacha20poly1305)\.New\w*$"), 0),
    (re.compile(r"^hmac\.New$"), 1),
    (
        re.compile(r"(?:^|\.)(?:SignedString|NewCookieStore|NewFilesystemStore|(?:cookie|memstore|redis)\.NewStore)$"),
        -1,
    ),
    (re.compile(r"^openssl_(?:en|de)crypt$"), 2),
    (re.compile(r"^hash_hmac$"), 2),
    (re.compile(r"^sodium_crypto_\w+$"), -1),
    (re.compile(r"(?:^|\.)(?:MessageEncryptor|MessageVerifier)(?:\.new)?$"), 0),
    (re.compile(r"(?:^|\.)OpenSSL\.HMAC\.\w+$"), 1),
)
"""(what is called, the place of its key)."""

_LAST = frozenset(
    {
        "create_cipheriv",
        "create_decipheriv",
        "create_hmac",
        "sign",
        "verify",
        "encode",
        "decode",
        "jwt_verify",
        "encrypt",
    }
    | {"decrypt", "secret_key_spec", "hmac_sha_key_for", "set_signing_key", "verify_with", "des_key_spec", "sign_with"}
    | {
        "hmac256",
        "hmac384",
        "hmac512",
        "new_cipher",
        "new_triple_des_cipher",
        "new",
        "new_x",
        "signed_string",
        "new_store",
    }
    | {
        "new_cookie_store",
        "new_filesystem_store",
        "openssl_encrypt",
        "openssl_decrypt",
        "hash_hmac",
        "message_encryptor",
    }
    | {"message_verifier", "digest", "hexdigest", "base64digest", "sodium_crypto_secretbox", "sodium_crypto_auth"}
)
"""The last words of these, in snake case: most calls are none of them."""

_CONVERTS = re.compile(
    r"^(?:from|encode|get_bytes|to_string|decode|hex2bin|base64_decode|pack|slice|subarray|substring|substr|create_secret_key"
    r"|b|decode_hex|decode_string|copy_of|to_char_array|get_decoder|unpack|trim|parse_hex|sha256|digest|hexdigest|ljust)$"
)
_DEEP = 6


def suspects(body: Body) -> Iterator[Suspect]:
    if not is_live(body.source):
        return
    for key in _keys(body):
        literal = _literal(key, body, _DEEP)
        if literal is not None:
            hit = Hit(body.span(literal.line), "A key stands in the code", evidence="key = …")
            yield Suspect(HARDCODED_KEY, hit, "")


def _keys(body: Body) -> Iterator[Any]:
    for called in body.calls:
        yield from _of_call(called)
    for node in body.nodes(p.Assign):  # Ruby: `cipher.key = KEY`
        for target in node.targets:
            if isinstance(target, p.Attr) and target.name == "key" and re.search("cipher|aes|des", chain(target), re.I):
                yield node.value
    for called in body.calls:  # Go: `jwt.Parse(raw, func(*jwt.Token) (any, error) { return key, nil })`
        if re.search(r"\b(?:jwt|parser)\.Parse\w*$", called.chain, re.IGNORECASE):
            returned = [n.value for given in called.node.args for n in walk(given) if isinstance(n, p.Return)]
            yield from (one.items[0][1] if isinstance(one, p.Collection) and one.items else one for one in returned)


def _of_call(called: Called) -> Iterator[Any]:
    if called.last not in _LAST:
        return
    for pattern, place in _TAKERS:
        if pattern.search(called.chain) and max(place, 0) < len(called.node.args):
            yield called.node.args[place]


def _literal(node: Any, body: Body, depth: int) -> p.Const | None:
    """The constant that a key is, or falls back to; None where it comes from elsewhere."""
    if node is None or not depth:
        return None
    kind = node.__class__
    if kind is p.Const:
        return node if _is_key(node.value) else None
    name = plain(node) or (node.name if kind is p.Attr and node.base.__class__ is p.Name else "")
    if name:
        values = body.values.get(name) or body.constants.get(name.removeprefix("self."), ())
        return _literal(values[0], body, depth - 1) if len(values) == 1 else None
    if kind is p.Item:
        return _literal(node.base, body, depth - 1)
    if kind is p.Op and node.operator is p.Operator.OR:
        return _literal(node.operands[-1], body, depth - 1)
    if kind is p.Choice:
        return _literal(node.yes, body, depth - 1) or _literal(node.no, body, depth - 1)
    if kind is p.Call and _CONVERTS.match(snake(chain(node.callee).rpartition(".")[2])):
        base = node.callee.base if node.callee.__class__ is p.Attr else None
        given = _literal(node.args[0], body, depth - 1) if node.args else None
        return given or (_literal(base, body, depth - 1) if base.__class__ is not p.Name or not node.args else None)
    return None


def _is_key(value: Any) -> bool:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str) or len(text) < _SHORTEST or PLACEHOLDER.search(text):
        return False
    return (
        is_value(text)
        and re.fullmatch(r"[A-Z0-9]+(?:_[A-Z0-9]+)+|[\w.-]+\.pem|SHA-?\d+|HS\d+|AES\w*|utf-?8|hex|base64", text, re.I)
        is None
    )


_SHORTEST = 6
