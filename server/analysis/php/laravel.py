"""Laravel's own settings: which fields a model lets a request set, which routes no token protects, who may ask."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.flow.rules import MASS_ASSIGNMENT
from server.analysis.php.file import PhpFile
from server.analysis.python.settings import CSRF_OFF
from server.analysis.rule import Hit, check
from server.analysis.rules import PERMISSIVE_CORS
from server.reviews.finding import Severity

_NOTHING = re.compile(r"=\s*(?:\[\s*\]|array\(\s*\)|false)$")
_MODEL = re.compile(r"\bextends\s+(?:\w*Model|Authenticatable|Pivot|User)\b")


@check(
    MASS_ASSIGNMENT,
    on=("property_element",),
    bad=("<?php\nclass User extends Authenticatable\n{\n    protected $guarded = [];\n}\n",),
    good=(
        "<?php\nclass User extends Model\n{\n    protected $guarded = ['id', 'is_admin'];\n}\n",
        "<?php\nclass Door\n{\n    protected $guarded = [];\n}\n",
    ),
)
def unguarded_model(node: Node, file: PhpFile) -> Iterator[Hit]:
    text = file.text(node)
    if text.startswith("$guarded") and _NOTHING.search(text) and _MODEL.search(file.source.text):
        yield Hit(file.span(node), "Every field of the model may be set by a request", severity=Severity.MEDIUM)


@check(
    CSRF_OFF,
    on=("property_element",),
    bad=(
        "<?php\nclass VerifyCsrfToken extends Middleware\n{\n    protected $except = [\n        '*',\n    ];\n}\n",
        "<?php\nclass VerifyCsrfToken extends Middleware { protected $except = ['admin/*']; }\n",
    ),
    good=(
        "<?php\nclass VerifyCsrfToken extends Middleware\n{\n    protected $except = ['webhooks/*', 'api/*'];\n}\n",
        "<?php\nclass EncryptCookies extends Middleware\n{\n    protected $except = ['*'];\n}\n",
    ),
)
def unprotected_routes(node: Node, file: PhpFile) -> Iterator[Hit]:
    if not file.text(node).startswith("$except") or "Csrf" not in file.source.text:
        return
    for text in file.descendants(node, "string_content"):
        route = file.text(text)
        if not re.search(r"hook|callback|api|notify|ipn|stripe|paypal|broadcast|telegram|saml", route, re.IGNORECASE):
            yield Hit(file.span(text), f"No token protects the forms of {route}")
            return


@check(
    PERMISSIVE_CORS,
    on=("array_element_initializer",),
    bad=("<?php\nreturn [\n    'allowed_origins' => ['*'],\n    'supports_credentials' => true,\n];\n",),
    good=(
        "<?php\nreturn [\n    'allowed_origins' => ['*'],\n    'supports_credentials' => false,\n];\n",
        "<?php\nreturn [\n    'allowed_origins' => ['https://a.example'],\n    'supports_credentials' => true,\n];\n",
    ),
)
def any_origin(node: Node, file: PhpFile) -> Iterator[Hit]:
    """With cookies: without them, it is what a public interface needs."""
    if not re.match(r"['\"]allowed_origins(?:_patterns)?['\"]\s*=>\s*\[\s*['\"](?:\*|/\.\*/)['\"]", file.text(node)):
        return
    if re.search(r"['\"]supports_credentials['\"]\s*=>\s*true", file.source.text):
        yield Hit(file.span(node), "Any origin may read the answers, with the visitor's cookies")


CHECKS = (unguarded_model, unprotected_routes, any_origin)
