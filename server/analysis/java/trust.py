"""Broken cryptography, predictable secrets and unchecked certificates in Java."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.comparing import COMPARED, compares_sent_secret, is_made_signature
from server.analysis.java.file import JavaFile
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.analysis.rules import (
    TIMING_COMPARE,
    TLS_UNVERIFIED,
    UNSAFE_DESERIALIZATION,
    WEAK_CIPHER,
    WEAK_PASSWORD_HASH,
)
from server.reviews.finding import Severity


def _first_text(call: Node, file: JavaFile) -> str:
    given = call.child_by_field_name("arguments")
    first = given.named_children[0] if given is not None and given.named_child_count else None
    return file.text(first).strip('"') if first is not None and first.type == "string_literal" else ""


def _method_around(node: Node, file: JavaFile) -> Node | None:
    return next((a for a in file.ancestors(node) if a.type in ("method_declaration", "constructor_declaration")), None)


_BROKEN_CIPHER = re.compile(r"^(?:DES|DESede|RC2|RC4|ARCFOUR|Blowfish)\b|/ECB/|^AES$", re.IGNORECASE)


@check(
    WEAK_CIPHER,
    on=called("getInstance"),
    bad=(
        'class A { void f() { Cipher.getInstance("DES/CBC/PKCS5Padding"); } }\n',
        'class A { void f() { javax.crypto.Cipher.getInstance("AES/ECB/PKCS5Padding"); } }\n',
        'class A { void f() { Cipher.getInstance("AES"); } }\n',
    ),
    good=(
        'class A { void f() { Cipher.getInstance("AES/GCM/NoPadding"); } }\n',
        "class A { void f() { Calendar.getInstance(); } }\n",
    ),
)
def weak_cipher(call: Node, file: JavaFile) -> Iterator[Hit]:
    name = _first_text(call, file)
    if file.callee(call).endswith("Cipher.getInstance") and _BROKEN_CIPHER.search(name):
        what = "which means ECB: equal blocks look equal" if name == "AES" else "a broken cipher or mode"
        yield Hit(file.span(call), f"{name}, {what}")


@check(
    WEAK_PASSWORD_HASH,
    on=called("getInstance"),
    bad=(
        "class A { byte[] hashPassword(String password) throws Exception {\n"
        '    return MessageDigest.getInstance("MD5").digest(password.getBytes()); } }\n',
        "class A { String f(String pwd) throws Exception {\n"
        '    MessageDigest md = MessageDigest.getInstance("SHA-256");\n'
        "    return hex(md.digest(pwd.getBytes())); } }\n",
    ),
    good=(
        "class A { byte[] etag(byte[] body) throws Exception {\n"
        '    return MessageDigest.getInstance("MD5").digest(body); } }\n',
    ),
)
def weak_password_hash(call: Node, file: JavaFile) -> Iterator[Hit]:
    name = _first_text(call, file)
    around = _method_around(call, file)
    if not file.callee(call).endswith("MessageDigest.getInstance") or around is None:
        return
    head, _, body = file.text(around)[:4_000].partition("{")
    if re.search(r"passw(?:or)?d|\bpwd\b", head + body, re.IGNORECASE) and ".digest(" in body:
        weak = name.upper() in ("MD5", "MD4", "MD2", "SHA", "SHA1", "SHA-1")
        severity = Severity.HIGH if weak else Severity.MEDIUM
        yield Hit(file.span(call), f"A password is hashed with {name}", severity=severity)


@check(
    TLS_UNVERIFIED,
    on=called("setHostnameVerifier", "setDefaultHostnameVerifier", "setSSLHostnameVerifier"),
    bad=("class A { void f(C c) { c.setHostnameVerifier((host, session) -> true); } }\n",),
    good=("class A { void f(C c) { c.setHostnameVerifier(new DefaultHostnameVerifier()); } }\n",),
)
def any_host(call: Node, file: JavaFile) -> Iterator[Hit]:
    given = file.text(call.child_by_field_name("arguments"))
    if re.search(r"->\s*true\s*\)$|NoopHostnameVerifier|ALLOW_ALL_HOSTNAME_VERIFIER", given):
        yield Hit(file.span(call), "Any host's certificate is accepted")


_MAKES_SIGNATURE = re.compile(r"Mac\.getInstance\(\s*\"Hmac|\bHmacUtils\b")
_SIGNED = (
    "class A { boolean f(byte[] body, String given, Key key) throws Exception {\n"
    '    Mac mac = Mac.getInstance("HmacSHA256");\n'
    "    mac.init(key);\n    byte[] raw = mac.doFinal(body);\n    String expected = HexFormat.of().formatHex(raw);\n"
    "    return COMPARED;\n} }\n"
)


@check(
    TIMING_COMPARE,
    on=called("equals", "equalsIgnoreCase"),
    bad=(
        _SIGNED.replace("COMPARED", "given.equals(expected)"),
        _SIGNED.replace("COMPARED", "expected.equalsIgnoreCase(given)"),
        _SIGNED.replace("COMPARED", "Arrays.equals(raw, decode(given))"),
        'class A { boolean f(HttpServletRequest r) { return r.getHeader("X-Api-Token").equals(apiToken); } }\n',
    ),
    good=(
        _SIGNED.replace("COMPARED", "MessageDigest.isEqual(expected.getBytes(), given.getBytes())"),
        _SIGNED.replace("COMPARED", 'expected.equals("")'),
        "class A { boolean f(String a, String b) { return a.equals(b); } }\n",
    ),
)
def timing_compare(call: Node, file: JavaFile) -> Iterator[Hit]:
    given = call.child_by_field_name("arguments")
    sides = [call.child_by_field_name("object"), *(given.named_children if given is not None else ())]
    if any(side is not None and side.type in ("string_literal", "null_literal") for side in sides):
        return
    is_sent = len(sides) == 2 and compares_sent_secret(sides[0], sides[1], file)
    if is_sent or any(is_made_signature(side, file, _MAKES_SIGNATURE) for side in sides):
        yield Hit(file.span(call), COMPARED)


@check(
    UNSAFE_DESERIALIZATION,
    on=called("enableDefaultTyping", "enableDefaultTypingAsProperty", "activateDefaultTyping"),
    bad=(
        "class A { void f(ObjectMapper mapper) { mapper.enableDefaultTyping(); } }\n",
        "class A { void f(ObjectMapper m) { m.activateDefaultTyping(LaissezFaireSubTypeValidator.instance); } }\n",
    ),
    good=(
        "class A { void f(ObjectMapper mapper) { mapper.activateDefaultTyping(validator); } }\n",
        "class A { void f(ObjectMapper mapper) { mapper.enable(DeserializationFeature.USE_LONG_FOR_INTS); } }\n",
    ),
)
def any_type(call: Node, file: JavaFile) -> Iterator[Hit]:
    given = file.text(call.child_by_field_name("arguments"))
    if file.callee(call).endswith("activateDefaultTyping") and "LaissezFaire" not in given:
        return
    yield Hit(file.span(call), "Whoever writes the JSON names the classes of which objects are made")


CHECKS = (weak_cipher, weak_password_hash, any_host, timing_compare, any_type)
