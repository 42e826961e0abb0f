"""Comparisons in PHP that take for equal what is not: `0 == "a"`, `"0e1" == "0e2"`, `strcmp([], "a") == 0`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.parsed import called
from server.analysis.php.file import PhpFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

LOOSE_COMPARISON = Rule(
    "hive.loose-comparison",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "PHP converts both sides first: hashes like 0e123 are all zero, and of an array strcmp() gives null, which == 0.",
    697,
    in_tests=False,
    also=(1024, 843, 595, 287, 480, 253, 208, 597),
    remedy="Compare with ===, and secrets with hash_equals().",
)

_SENT = r"\$_(?:GET|POST|REQUEST|COOKIE|SERVER)\b"
_HASHED = re.compile(
    rf"^(?:md5|sha1|hash|crypt|md5_file)\s*\([^()]{{0,80}}(?:{_SENT}|passw|token|secret|\$pass)", re.IGNORECASE
)


@check(
    LOOSE_COMPARISON,
    on=("binary_expression",),
    bad=(
        "<?php if (md5($_POST['key']) == '0e462097431906509019562988736854') { enter(); }\n",
        "<?php if ($user->hash == sha1($_POST['password'])) { enter(); }\n",
    ),
    good=(
        "<?php if (md5($_POST['key']) === $hash) { enter(); }\n",
        "<?php if (md5($body) == $etag) { skip(); }\n",
    ),
)
def loose_hash(node: Node, file: PhpFile) -> Iterator[Hit]:
    sides = [file.text(node.child_by_field_name(side)) for side in ("left", "right")]
    if file.text(node.child_by_field_name("operator")) in ("==", "!=", "<>") and any(map(_HASHED.match, sides)):
        yield Hit(file.span(node), "A hash is compared as a number where it looks like one")


@check(
    LOOSE_COMPARISON,
    on=called("strcmp", "strcasecmp", "strncmp"),
    bad=(
        "<?php if (strcmp($_POST['pw'], $secret) == 0) { enter(); }\n",
        "<?php if (!strcmp($password, $_GET['password'])) { enter(); }\n",
    ),
    good=(
        "<?php if (strcmp($_POST['pw'], $secret) === 0) { enter(); }\n",
        "<?php if (strcmp($a, $b) == 0) { same(); }\n",
    ),
)
def array_of_strcmp(call: Node, file: PhpFile) -> Iterator[Hit]:
    parent = call.parent
    if parent is None or not re.search(_SENT, file.text(call.child_by_field_name("arguments"))):
        return
    is_negated = parent.type == "unary_op_expression" and file.text(parent).startswith("!")
    is_loose = parent.type == "binary_expression" and re.search(r"[^=!]==\s*0$|^0\s*==[^=]", file.text(parent))
    if is_negated or is_loose:
        yield Hit(file.span(parent), "An array instead of a text makes this comparison succeed")


CHECKS = (loose_hash, array_of_strcmp)
