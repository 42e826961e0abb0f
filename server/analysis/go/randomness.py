"""Secrets in Go that can be guessed: from math/rand, or the time in a UUID of version 1."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.go.file import GoFile
from server.analysis.guessable import guessed
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.analysis.rules import PREDICTABLE_SECRET

_IMPORT = re.compile(r"(?:\b(?!import\b)(?P<name>\w+)[ \t]+)?\"math/rand(?:/v2)?\"")


@check(
    PREDICTABLE_SECRET,
    on=called(
        *("Int", "Intn", "IntN", "Int63", "Int63n", "Int64", "Int31", "Int31n", "Int64N", "Uint32", "Uint64", "Read"),
        *("Perm", "Float64", "N"),
    ),
    bad=(
        'package a\n\nimport "math/rand"\n\nfunc resetToken() int { return rand.Intn(999999) }\n',
        'package a\n\nimport mrand "math/rand"\n\nfunc f() { sessionID := mrand.Int() }\n',
        'package a\n\nimport "math/rand"\n\nfunc f(w http.ResponseWriter) {\n'
        '\thttp.SetCookie(w, &http.Cookie{Name: "session", Value: fmt.Sprint(rand.Int63())})\n}\n',
        'package a\n\nimport "math/rand"\n\nfunc randString(n int) string {\n\tb := make([]byte, n)\n'
        "\tfor i := range b {\n\t\tb[i] = letters[rand.Intn(len(letters))]\n\t}\n\treturn string(b)\n}\n"
        "func f() { apiKey := randString(32) }\n",
    ),
    good=(
        'package a\n\nimport "crypto/rand"\n\nfunc resetToken(b []byte) { rand.Read(b) }\n',
        'package a\n\nimport "math/rand"\n\nfunc jitter() int { return rand.Intn(100) }\n',
        'package a\n\nimport "math/rand"\n\nfunc f() { token := tokens[rand.Intn(len(tokens))] }\n',
        'package a\n\nimport "math/rand"\n\nfunc randString(n int) string { return letters(rand.Intn(n)) }\n'
        "func f() { colour := randString(32) }\n",
    ),
)
def predictable_secret(call: Node, file: GoFile) -> Iterator[Hit]:
    package, _, method = file.callee(call).rpartition(".")
    imported = _IMPORT.search(file.source.text)
    if imported is None or package not in (imported["name"] or "rand", "rng", "r", "rnd", "random", "seededRand"):
        return
    fills = method == "Read" and re.search(r"key|iv|salt|nonce", _around(call, file), re.IGNORECASE)
    if fills or guessed(call, file):
        yield Hit(file.span(call), "A secret made with math/rand")


def _around(call: Node, file: GoFile) -> str:
    """The names of what is filled and of the function that does it."""
    function = next((a for a in file.ancestors(call) if a.type.endswith("_declaration")), None)
    name = file.text(function.child_by_field_name("name")) if function is not None else ""
    return f"{name} {file.text(call.child_by_field_name('arguments'))}"


@check(
    PREDICTABLE_SECRET,
    on=called("NewUUID"),
    bad=("package a\n\nfunc f() { resetToken, err := uuid.NewUUID() }\n",),
    good=("package a\n\nfunc f() { id, err := uuid.NewUUID() }\n",),
)
def secret_of_the_clock(call: Node, file: GoFile) -> Iterator[Hit]:
    if file.callee(call) == "uuid.NewUUID" and guessed(call, file):
        yield Hit(file.span(call), "A secret made from the clock")


CHECKS = (predictable_secret, secret_of_the_clock)
