"""What a Go program opens to everybody by one line, and numbers that it cuts off."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.config.properties import LISTED_DIRECTORY, TOLD_INTERNALS
from server.analysis.flow.rules import RESOURCE_EXHAUSTION
from server.analysis.go.file import GoFile
from server.analysis.go.trust import arguments
from server.analysis.parsed import called
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

CUT_NUMBER = Rule(
    "hive.cut-number",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "A number that does not fit loses its upper bits: 65536 becomes 0, 40000 a negative number.",
    cwe=190,
    also=(681, 197, 195),
    remedy="Parse it with the size that is meant, strconv.ParseInt(text, 10, 16), or compare it with the limits first.",
    in_tests=False,
)


@check(
    TOLD_INTERNALS,
    on=("import_spec",),
    bad=('package main\n\nimport _ "net/http/pprof"\n',),
    good=('package main\n\nimport "net/http/pprof"\n\nvar h = pprof.Index\n', 'package main\n\nimport "net/http"\n'),
)
def open_profiler(node: Node, file: GoFile) -> Iterator[Hit]:
    if re.fullmatch(r'_\s+"net/http/pprof"', file.text(node)):
        yield Hit(file.span(node), "Every server on the default mux answers with profiles, memory and the command line")


@check(
    LISTED_DIRECTORY,
    on=called("Dir"),
    bad=(
        'package a\n\nfunc f() { http.Handle("/", http.FileServer(http.Dir("/"))) }\n',
        'package a\n\nfunc f() { http.Handle("/", http.FileServer(http.Dir("."))) }\n',
    ),
    good=('package a\n\nfunc f() { http.Handle("/", http.FileServer(http.Dir("public"))) }\n',),
)
def served_root(call: Node, file: GoFile) -> Iterator[Hit]:
    given = arguments(call)
    if file.callee(call) == "http.Dir" and given and file.text(given[0]) in ('"/"', '"."', '"./"', '""'):
        yield Hit(file.span(call), "The whole folder of the program is served, or the whole disk")


_CUTS = ("int8", "int16", "int32", "uint8", "uint16", "uint32")


@check(
    CUT_NUMBER,
    on=called(*_CUTS),
    bad=(
        "package a\n\nfunc f(s string) int16 {\n\tn, _ := strconv.Atoi(s)\n\treturn int16(n)\n}\n",
        "package a\n\nfunc f(s string) uint32 {\n\tn, err := strconv.ParseInt(s, 10, 64)\n\tcheck(err)\n"
        "\treturn uint32(n)\n}\n",
    ),
    good=(
        "package a\n\nfunc f(s string) int16 {\n\tn, _ := strconv.ParseInt(s, 10, 16)\n\treturn int16(n)\n}\n",
        "package a\n\nfunc f(s string) int16 {\n\tn, _ := strconv.Atoi(s)\n\tif n > 100 {\n\t\treturn 0\n\t}\n"
        "\treturn int16(n)\n}\n",
    ),
)
def cut_number(call: Node, file: GoFile) -> Iterator[Hit]:
    """Of what was read from a text in the same function, and that nobody compared before."""
    given = arguments(call)
    if len(given) != 1 or given[0].type != "identifier":
        return
    if _is_uncompared(given[0], call, r"strconv\.(?:Atoi\(|Parse(?:Int|Uint)\([^\n]{1,80},\s*(?:0|64)\))", file):
        yield Hit(file.span(call), f"{file.text(given[0])} may not fit")


@check(
    RESOURCE_EXHAUSTION,
    on=called("make", "Repeat"),
    bad=(
        'package a\n\nfunc f(r *http.Request) {\n\tn, _ := strconv.Atoi(r.FormValue("n"))\n\tb := make([]byte, n)\n'
        "\tuse(b)\n}\n",
    ),
    good=(
        'package a\n\nfunc f(r *http.Request) {\n\tn, _ := strconv.Atoi(r.FormValue("n"))\n'
        "\tif n > 100 {\n\t\treturn\n\t}\n"
        "\tb := make([]byte, n)\n\tuse(b)\n}\n",
        "package a\n\nfunc f(line string) {\n\tn, _ := strconv.Atoi(line)\n\tb := make([]byte, n)\n\tuse(b)\n}\n",
    ),
)
def asked_memory(call: Node, file: GoFile) -> Iterator[Hit]:
    """As much as the request says, which nobody compared with a limit."""
    for size in arguments(call)[1:]:
        if size.type == "identifier" and _is_uncompared(
            size, call, rf"strconv\.(?:Atoi|Parse(?:Int|Uint))\([^\n]{{0,20}}{_ASKED}", file
        ):
            yield Hit(file.span(call), f"The request says how much memory is taken: {file.text(size)}")
            return


_ASKED = (
    r"(?:\.(?:FormValue|PostFormValue|PathValue|Param|Query|QueryParam|DefaultQuery|PostForm|Get|Params)\("
    r"|URL\.Query|Vars\()"
)


def _is_uncompared(size: Node, call: Node, reads: str, file: GoFile) -> bool:
    """Whether the number was read so in the same function, and nobody compared it between."""
    kinds = ("function_declaration", "method_declaration", "func_literal")
    around = next((a for a in file.ancestors(call) if a.type in kinds), None)
    if around is None:
        return False
    name = re.escape(file.text(size))
    before = file.text(around).encode()[: call.start_byte - around.start_byte][-4_000:].decode("utf-8", "replace")
    read = re.search(rf"\b{name}\s*,\s*\w+\s*:?=\s*{reads}", before)
    return read is not None and re.search(rf"\b{name}\s*[<>]=?|[<>]=?\s*{name}\b", before[read.end() :]) is None


CHECKS = (open_profiler, served_root, cut_number, asked_memory)
