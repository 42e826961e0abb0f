"""What a program in PHP shows or lets others set: its debug mode, its key, its insides, its own variables."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.config.properties import TOLD_INTERNALS
from server.analysis.flow.rules import MASS_ASSIGNMENT
from server.analysis.parsed import called
from server.analysis.php.file import PhpFile
from server.analysis.rule import Hit, check
from server.analysis.rules import DEBUG_MODE
from server.analysis.text.credentials import HARDCODED_KEY
from server.reviews.finding import Confidence, Severity

_LARAVEL = re.compile(r"\bAPP_NAME\b|['\"]cipher['\"]\s*=>")


def _is_laravel(file: PhpFile) -> bool:
    """Whether it is `config/app.php`."""
    return _LARAVEL.search(file.source.text) is not None or file.source.path.endswith("config/app.php")


@check(
    DEBUG_MODE,
    on=("array_element_initializer",),
    bad=("<?php return ['name' => env('APP_NAME'), 'debug' => true];\n",),
    good=(
        "<?php return ['name' => env('APP_NAME'), 'debug' => env('APP_DEBUG', false)];\n",
        "<?php return ['debug' => true];\n",
    ),
)
def debug_mode(node: Node, file: PhpFile) -> Iterator[Hit]:
    if re.fullmatch(r"['\"]debug['\"]\s*=>\s*true", file.text(node), re.IGNORECASE) and _is_laravel(file):
        yield Hit(file.span(node), "Visitors are shown errors with code and settings")


@check(
    HARDCODED_KEY,
    on=("array_element_initializer",),
    bad=("<?php return ['key' => 'base64:mFk2xQw8Tn3vLc5rYb7uJd9sHg1pAe4oZi6MXqWtRkE=', 'cipher' => 'AES'];\n",),
    good=(
        "<?php return ['key' => env('APP_KEY'), 'cipher' => 'AES-256-CBC'];\n",
        "<?php return ['key' => 'SomeRandomString', 'cipher' => 'AES-256-CBC'];\n",
    ),
)
def application_key(node: Node, file: PhpFile) -> Iterator[Hit]:
    key = re.match(r"['\"]key['\"]\s*=>\s*(?:env\([^,()]*,\s*)?['\"]base64:[\w+/]{40,}=*['\"]", file.text(node))
    if key is not None and _is_laravel(file):
        yield Hit(file.head_span(node), "The key of the application stands in the code", evidence="'key' => …")


@check(
    TOLD_INTERNALS,
    on=called("phpinfo"),
    bad=("<?php\nphpinfo();\n",),
    good=("<?php\nfunction report() {\n    ob_start();\n    phpinfo();\n    return ob_get_clean();\n}\n",),
)
def shown_insides(call: Node, file: PhpFile) -> Iterator[Hit]:
    """On a page of its own; what a function makes of it, others may keep to themselves."""
    around = ("function_definition", "method_declaration", "anonymous_function", "arrow_function")
    if not any(node.type in around for node in file.ancestors(call)):
        yield Hit(file.span(call), "The page shows how the server is set up, to everybody")


_SENT = re.compile(r"\$_(?:GET|POST|REQUEST|COOKIE)\b")


@check(
    MASS_ASSIGNMENT,
    on=("assignment_expression",),
    bad=(
        "<?php foreach ($_GET as $key => $value) {\n    $$key = $value;\n}\n",
        "<?php foreach ($_POST as $k => $v) { ${$k} = trim($v); }\n",
        "<?php $$_GET['name'] = $_GET['value'];\n",
    ),
    good=(
        "<?php foreach (['a', 'b'] as $key) {\n    $$key = $_GET[$key];\n}\n",
        "<?php foreach ($_GET as $key => $value) {\n    $data[$key] = $value;\n}\n",
        "<?php foreach ($_GET as $key => $value) {\n    if (in_array($key, NAMES)) $$key = $value;\n}\n",
    ),
)
def variables_from_request(node: Node, file: PhpFile) -> Iterator[Hit]:
    """As `register_globals` did once: whoever sends the request sets any variable of the program."""
    target = node.child_by_field_name("left")
    while target is not None and target.type == "subscript_expression":
        target = target.named_child(0)
    if target is None or target.type != "dynamic_variable_name":
        return
    if _SENT.search(file.text(node.child_by_field_name("left"))):
        yield Hit(file.span(node), "Whoever sends the request sets any variable of the program", severity=Severity.HIGH)
        return
    around = list(file.ancestors(node))
    loop = next((a for a in around if a.type == "foreach_statement"), None)
    if loop is None or any(a.type in ("if_statement", "switch_statement") for a in around[: around.index(loop)]):
        return
    if _SENT.search(file.text(loop).partition(" as ")[0]):
        yield Hit(
            file.span(node),
            "Whoever sends the request sets any variable of the program",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
        )


CHECKS = (debug_mode, application_key, shown_insides, variables_from_request)
