"""Regular expressions that go back for ever."""

from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.backtracking import SLOW_REGEX, is_slow
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments
from server.analysis.parsed import called
from server.analysis.rule import Hit, check


@check(
    SLOW_REGEX,
    on=("regex", *called("RegExp")),
    bad=(
        "/^([a-zA-Z0-9]+\\s?)*$/.test(req.body.name);\n",
        "new RegExp('^(([a-z])+.)+[A-Z]([a-z])+$').test(s);\n",
    ),
    good=("/^[a-z]+$/.test(s);\n", "/^\\w+(\\s\\w+)*$/.test(s);\n", "new RegExp(pattern);\n"),
)
def slow_regex(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if node.type == "regex":
        pattern = file.text(node.child_by_field_name("pattern"))
    else:
        given = arguments(node)
        pattern = file.text(given[0])[1:-1].replace("\\\\", "\\") if given and given[0].type == "string" else ""
    if is_slow(pattern):
        yield Hit(file.span(node), "The pattern divides a text in too many ways")


CHECKS = (slow_regex,)
