"""Trust that is given away in Go: certificates, secrets, passwords, ciphers."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.comparing import COMPARED, compares_signature
from server.analysis.go.file import GoFile
from server.analysis.parsed import called
from server.analysis.python.ciphers import SMALL_KEY
from server.analysis.rule import Hit, check
from server.analysis.rules import (
    TIMING_COMPARE,
    TLS_UNVERIFIED,
    WEAK_CIPHER,
    WEAK_PASSWORD_HASH,
)
from server.reviews.finding import Edit, Fix, Severity


def arguments(call: Node) -> list[Node]:
    given = call.child_by_field_name("arguments")
    return [child for child in given.named_children if child.type != "comment"] if given is not None else []


@check(
    TLS_UNVERIFIED,
    on=("keyed_element",),
    bad=("package a\n\nvar c = tls.Config{InsecureSkipVerify: true}\n",),
    good=(
        "package a\n\nvar c = tls.Config{InsecureSkipVerify: false}\n",
        "package a\n\nvar c = tls.Config{InsecureSkipVerify: skip}\n",
    ),
)
def unverified_config(node: Node, file: GoFile) -> Iterator[Hit]:
    if re.fullmatch(r"InsecureSkipVerify\s*:\s*true", file.text(node)):
        value = node.named_children[-1]
        fix = Fix("Check certificates", (Edit(*file.span(value), "false"),), safe=False)
        yield Hit(file.span(node), "The check of certificates is turned off", fix)


@check(
    WEAK_PASSWORD_HASH,
    on=called("Sum", "Sum256", "Sum512"),
    bad=(
        "package a\n\nfunc f(password string) { md5.Sum([]byte(password)) }\n",
        "package a\n\nfunc f(pass string) { sha1.Sum([]byte(pass)) }\n",
    ),
    good=(
        "package a\n\nfunc f(body string) { md5.Sum([]byte(body)) }\n",
        "package a\n\nfunc f(p []byte) { bcrypt.Sum(p) }\n",
    ),
)
def weak_password_hash(call: Node, file: GoFile) -> Iterator[Hit]:
    package, given = file.callee(call).partition(".")[0], arguments(call)
    if (
        package in ("md5", "sha1", "sha256", "sha512")
        and given
        and re.search(r"passw(?:or)?d\b|\bpass(?:wd)?\b|\bpwd\b", file.text(given[0]), re.IGNORECASE)
    ):
        weak = package in ("md5", "sha1")
        yield Hit(
            file.span(call), f"A password is hashed with {package}", severity=Severity.HIGH if weak else Severity.MEDIUM
        )


@check(
    WEAK_CIPHER,
    on=called("NewCipher", "NewTripleDESCipher"),
    bad=(
        "package a\n\nfunc f(k []byte) { des.NewCipher(k) }\n",
        "package a\n\nfunc f(k []byte) { rc4.NewCipher(k) }\n",
    ),
    good=("package a\n\nfunc f(k []byte) { aes.NewCipher(k) }\n",),
)
def weak_cipher(call: Node, file: GoFile) -> Iterator[Hit]:
    if file.callee(call).partition(".")[0] in ("des", "rc4"):
        yield Hit(file.span(call), "A broken cipher")


_MAKES_SIGNATURE = re.compile(r"\bhmac\.New\(")
_SIGNED = (
    "package a\n\nfunc f(key, body []byte, given string) bool {\n\tmac := hmac.New(sha256.New, key)\n"
    "\tmac.Write(body)\n\texpected := hex.EncodeToString(mac.Sum(nil))\n\treturn COMPARED\n}\n"
)


@check(
    TIMING_COMPARE,
    on=("binary_expression",),
    bad=(
        _SIGNED.replace("COMPARED", "given == expected"),
        _SIGNED.replace("COMPARED", "expected != given"),
        'package a\n\nfunc f(r *http.Request) bool { return r.Header.Get("X-Admin-Token") == s.adminToken }\n',
    ),
    good=(
        _SIGNED.replace("COMPARED", "hmac.Equal([]byte(expected), []byte(given))"),
        _SIGNED.replace("COMPARED", 'expected == ""'),
        _SIGNED.replace("COMPARED", "len(expected) == len(given)"),
        "package a\n\nfunc f(a, b string) bool { return a == b }\n",
        'package a\n\nfunc f(r *http.Request) bool { return r.Header.Get("X-Kind") == s.kind }\n',
    ),
)
def timing_compare(node: Node, file: GoFile) -> Iterator[Hit]:
    if compares_signature(node, file, _MAKES_SIGNATURE):
        yield Hit(file.span(node), COMPARED)


@check(
    SMALL_KEY,
    on=called("GenerateKey"),
    bad=("package a\n\nfunc f() { rsa.GenerateKey(rand.Reader, 1024) }\n",),
    good=("package a\n\nfunc f() { rsa.GenerateKey(rand.Reader, 4096) }\n",),
)
def small_key(call: Node, file: GoFile) -> Iterator[Hit]:
    size = re.search(r",\s*(\d{3,4})\)$", file.text(call))
    if file.callee(call) == "rsa.GenerateKey" and size is not None and int(size[1]) < 2048:
        yield Hit(file.span(call), f"A key of {size[1]} bits")


CHECKS = (
    small_key,
    unverified_config,
    weak_password_hash,
    weak_cipher,
    timing_compare,
)
