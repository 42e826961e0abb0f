"""Protection that reaches less far than it looks: escaped but not quoted, sent away but not stopped, kept by name."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.parsed import called
from server.analysis.php.file import PhpFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import SQL_FROM_TEXT
from server.analysis.web.uploads import UNCHECKED_UPLOAD
from server.reviews.finding import Confidence, Severity

CONTINUES_AFTER_REDIRECT = Rule(
    "hive.continues-after-redirect",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.MEDIUM,
    "A browser follows the redirect; the script runs on, and who does not follow it gets all that the page does.",
    698,
    in_tests=False,
    also=(862, 306, 284, 287, 285),
    remedy="Write exit; after the header.",
)

_FUNCTIONS = ("function_definition", "method_declaration", "anonymous_function", "arrow_function")
_ESCAPES = (
    r"(?:esc_sql|addslashes|mysqli?_(?:real_)?escape_string|pg_escape_string"
    r"|[\w$>-]{1,60}->(?:real_)?escape(?:_string)?)"
)
_ESCAPED = re.compile(rf"(?P<name>\$\w{{1,60}})\s*=\s*{_ESCAPES}\s*\(")
_STATEMENT = re.compile(
    r"\b(?:select\b.{1,400}\bfrom|insert\s+into|update\b.{1,200}\bset|delete\s+from)\b", re.IGNORECASE | re.DOTALL
)
_BARE = re.compile(r"(?:[=<>(,]|\b(?:in|by|limit|offset|and|or|where|like))\s*$", re.IGNORECASE)
"""What stands before a value that no quotes surround."""


def _around(node: Node, file: PhpFile) -> Node:
    return next((a for a in file.ancestors(node) if a.type in _FUNCTIONS), file.tree.root_node)


@check(
    SQL_FROM_TEXT,
    on=("encapsed_string", "binary_expression"),
    bad=(
        '<?php $id = addslashes($_GET["id"]);\n$r = mysqli_query($c, "SELECT * FROM t WHERE id = $id");\n',
        '<?php function f($s) {\n    $s = esc_sql($s);\n    return "SELECT a FROM t WHERE s = {$s}";\n}\n',
        "<?php $q = 'DELETE FROM t WHERE id = ' . $db->real_escape_string($id);\n",
    ),
    good=(
        '<?php $id = addslashes($_GET["id"]);\n$r = mysqli_query($c, "SELECT * FROM t WHERE id = \'$id\'");\n',
        '<?php $q = "DELETE FROM t WHERE id = \'" . $db->real_escape_string($id) . "\'";\n',
        '<?php $t = esc_sql($table);\n$q = "SELECT * FROM $t WHERE id = 1";\n',
        '<?php $q = "id = " . addslashes($id);\n',
        '<?php $id = addslashes($id);\n$id = (int) $id;\n$q = "SELECT * FROM t WHERE id = $id";\n',
    ),
)
def escaped_without_quotes(node: Node, file: PhpFile) -> Iterator[Hit]:
    """Where no quotes surround it, a value needs none to get out."""
    text = file.text(node)
    if not _STATEMENT.search(text):
        return
    if node.type == "encapsed_string":
        around = file.text(_around(node, file))[:20_000]
        names = {found["name"] for found in _ESCAPED.finditer(around)}
        escaped = [name for name in names if len(re.findall(rf"{re.escape(name)}\s*=(?!=)", around)) == 1]
        for part in node.named_children:
            if file.text(part).strip("{}") in escaped and _is_bare(text, part.start_byte - node.start_byte):
                yield Hit(file.span(part), f"{file.text(part).strip('{}')} is escaped, but not between quotes")
                return
    elif node.parent is None or node.parent.type != "binary_expression":
        found = re.search(rf"(?P<before>[^'\"]*)(?P<end>['\"])\s*\.\s*{_ESCAPES}\s*\(", text)
        if found is not None and _BARE.search(found["before"]):
            yield Hit(file.head_span(node), "A value is escaped, but not between quotes")


def _is_bare(text: str, at: int) -> bool:
    before = text.encode()[:at].decode("utf-8", "replace").rstrip("{")
    return _BARE.search(before) is not None


_GUARDS = re.compile(
    r"\$_SESSION|logged|auth|is_?admin|is_?user|permission|current_user|->role|\[.role.\]", re.IGNORECASE
)
_STOPS = re.compile(r"\b(?:exit|die|return|throw|abort|wp_die)\b", re.IGNORECASE)


@check(
    CONTINUES_AFTER_REDIRECT,
    on=("if_statement",),
    bad=(
        "<?php if (!isset($_SESSION['user'])) {\n    header('Location: login.php');\n}\n$rows = load();\n",
        '<?php if (!is_admin()) header("Location: /");\ndelete_all();\n',
    ),
    good=(
        "<?php if (!isset($_SESSION['user'])) {\n    header('Location: login.php');\n    exit;\n}\n$rows = load();\n",
        "<?php if (!isset($_SESSION['user'])) {\n    header('Location: login.php');\n}\n",
        "<?php if (isset($_SESSION['user'])) {\n    header('Location: home.php');\n} else {\n    show();\n}\n",
        "<?php if ($_POST['go']) {\n    header('Location: home.php');\n}\nshow();\n",
        "<?php if (isset($_SESSION['user'])) {\n    header('Location: home.php');\n}\nshow();\n",
    ),
)
def continues_after_redirect(node: Node, file: PhpFile) -> Iterator[Hit]:
    """Of a test that keeps strangers out, not of one that spares a user the way."""
    test, body = file.text(node.child_by_field_name("condition")), node.child_by_field_name("body")
    if body is None or node.child_by_field_name("alternative") is not None or not _GUARDS.search(test):
        return
    refuses = re.search(r"!|===?\s*(?:false|null)|empty\(", test, re.IGNORECASE) is not None
    text = file.text(body)
    if not refuses or not re.search(r"\bheader\s*\(\s*['\"]location", text, re.IGNORECASE) or _STOPS.search(text):
        return
    following = node.next_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    if following is not None and not re.match(r"(?:exit|die|return)\b", file.text(following)):
        yield Hit(file.head_span(node), "After the redirect the script goes on")


_LOOKS_AT_TYPE = re.compile(
    r"pathinfo|mime|finfo|getimagesize|exif_imagetype|in_array|\$allowed|wp_check_filetype|wp_handle_upload|extension"
    r"|\bend\s*\(\s*explode|preg_match|isValid|validate",
    re.IGNORECASE,
)


@check(
    UNCHECKED_UPLOAD,
    on=called("move_uploaded_file"),
    bad=(
        "<?php function save($file) {\n    $name = basename($file['name']);\n"
        "    move_uploaded_file($file['tmp_name'], 'files/' . $name);\n}\n",
    ),
    good=(
        "<?php function save($file) {\n    if (pathinfo($file['name'], PATHINFO_EXTENSION) !== 'png') return;\n"
        "    move_uploaded_file($file['tmp_name'], 'files/' . basename($file['name']));\n}\n",
        "<?php function save($file) {\n    move_uploaded_file($file['tmp_name'], 'files/' . uniqid());\n}\n",
    ),
)
def kept_name(call: Node, file: PhpFile) -> Iterator[Hit]:
    """In a function that is handed the file; where it reads the request itself, another check tells."""
    around = _around(call, file)
    text = file.text(around)[:8_000]
    if around.type not in ("function_definition", "method_declaration") or "$_FILES" in text:
        return
    if re.search(r"\$\w+\[['\"]name['\"]\]", text) and not _LOOKS_AT_TYPE.search(text):
        yield Hit(
            file.head_span(call),
            "An uploaded file is kept under its own name, whatever its type",
            severity=Severity.HIGH,
        )


CHECKS = (escaped_without_quotes, continues_after_redirect, kept_name)
