"""What WordPress calls for whoever asks: handlers of AJAX, of forms and of its REST interface that change something.

Every visitor with an account reaches `wp_ajax_*`, and everybody `wp_ajax_nopriv_*`: being called proves nothing. Whom
else a handler asks is read in the methods of its file that it calls.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.parsed import called
from server.analysis.php.file import PhpFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.web.authentication import MISSING_ROLE_CHECK
from server.reviews.finding import Confidence, Severity

MISSING_NONCE = Rule(
    "hive.missing-nonce",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Another site can make the browser of somebody who is logged in send this request: WordPress takes it for theirs.",
    352,
    in_tests=False,
    also=(862, 345),
    remedy="Put wp_nonce_field() into the form and ask check_admin_referer() or check_ajax_referer() first.",
)

_HOOK = re.compile(
    r"['\"](?P<hook>wp_ajax_(?P<anyone>nopriv_)?|admin_post_(?P<visitor>nopriv_)?|admin_action_)[\w-]*['\"]"
)
_NONCE = re.compile(r"check_ajax_referer|wp_verify_nonce|check_admin_referer|verify_nonce|check_nonce", re.IGNORECASE)
_CAPABILITY = re.compile(
    r"current_user_can|user_can\s*\(|is_super_admin|has_cap\b|check_permission|can_manage|verify_permission"
    r"|permission_check|_can\s*\(|authorize|check_access|capabilit",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:update_option|delete_option|add_option|update_site_option|wp_insert_post|wp_update_post|wp_delete_post"
    r"|wp_trash_post|wp_insert_user|wp_update_user|wp_delete_user|wp_set_password|update_user_meta|delete_user_meta"
    r"|update_post_meta|delete_post_meta|wp_insert_term|wp_delete_term|wp_delete_attachment|activate_plugin"
    r"|deactivate_plugins|delete_transient|wp_set_object_terms|unlink|file_put_contents|move_uploaded_file)\s*\("
    r"|(?:wpdb|db)\s*->\s*(?:insert|update|delete|replace)\s*\("
    r"|(?:wpdb|db)\s*->\s*query\(\s*['\"](?i:truncate|delete|update|insert|drop|replace|alter)"
    r"|->(?:delete|remove|update|save|insert|import|reset|create|truncate|clear|trash)\w*\s*\(",
)
_GRAVE = re.compile(
    r"\b(?:update_option|delete_option|update_site_option|wp_insert_user|wp_update_user|wp_delete_user|wp_set_password"
    r"|activate_plugin|deactivate_plugins|wp_delete_post|wp_delete_attachment|unlink|file_put_contents)\s*\("
)
_CALLED = re.compile(r"(?:->|::|\b)(\w{2,60})\s*\(")
MAX_READ = 20_000
"""Characters of a handler with what it calls."""


def _handler(node: Node | None, file: PhpFile) -> Node | None:
    """The function that a hook names: `'f'`, `array($this, 'f')`, `[__CLASS__, 'f']`, or the function itself."""
    if node is None:
        return None
    for inner in file.descendants(node, "anonymous_function", "arrow_function"):
        return inner
    names = re.findall(r"['\"](?:\w+::)?(\w+)['\"]", file.text(node))
    return _functions(file).get(names[-1]) if names else None


def _functions(file: PhpFile) -> dict[str, Node]:
    kinds = ("function_definition", "method_declaration")
    return {file.text(node.child_by_field_name("name")): node for kind in kinds for node in file.nodes(kind)}


def _reached(handler: Node, file: PhpFile) -> str:
    """The text of the handler and of what it calls in this file."""
    functions, seen, waiting, texts = _functions(file), {handler.start_byte}, [handler], list[str]()
    while waiting and sum(map(len, texts)) < MAX_READ:
        text = file.text(waiting.pop())[:MAX_READ]
        texts.append(text)
        for name in _CALLED.findall(text):
            function = functions.get(name)
            if function is not None and function.start_byte not in seen:
                seen.add(function.start_byte)
                waiting.append(function)
    return "\n".join(texts)


_PLUGIN = "<?php\nadd_action('wp_ajax_shop_clear', 'shop_clear');\nfunction shop_clear() {\n%s}\n"


def _hooked(call: Node, file: PhpFile) -> tuple[re.Match[str], Node] | None:
    given = call.child_by_field_name("arguments")
    arguments = given.named_children if given is not None else []
    hook = _HOOK.match(file.text(arguments[0])) if len(arguments) > 1 else None
    handler = _handler(arguments[1], file) if hook is not None else None
    return (hook, handler) if hook is not None and handler is not None else None


@check(
    MISSING_NONCE,
    on=called("add_action"),
    bad=(
        _PLUGIN % "    delete_option('shop_cart');\n    wp_die();\n",
        "<?php\nclass A {\n  function __construct() { add_action('admin_post_a', array($this, 'save')); }\n"
        "  function save() {\n    if (!current_user_can('manage_options')) { wp_die(); }\n"
        "    update_option('a', $_POST['a']);\n  }\n}\n",
    ),
    good=(
        _PLUGIN % "    check_ajax_referer('shop');\n    delete_option('shop_cart');\n",
        _PLUGIN % "    wp_send_json(get_option('shop_cart'));\n",
        "<?php\nadd_action('init', 'f');\nfunction f() {\n    update_option('a', 1);\n}\n",
    ),
)
def unproven_request(call: Node, file: PhpFile) -> Iterator[Hit]:
    found = _hooked(call, file)
    if found is None or found[0]["anyone"] or found[0]["visitor"]:
        return
    text = _reached(found[1], file)
    if _CHANGES.search(text) and not _NONCE.search(text):
        yield Hit(file.head_span(found[1]), "Something is changed without asking for a nonce")


@check(
    MISSING_ROLE_CHECK,
    on=called("add_action"),
    bad=(
        _PLUGIN % "    check_ajax_referer('shop');\n    delete_option('shop_cart');\n",
        "<?php\nadd_action('wp_ajax_nopriv_x', function () {\n    wp_update_user($_POST);\n});\n",
    ),
    good=(
        _PLUGIN % "    if (!current_user_can('manage_options')) { wp_die(); }\n    delete_option('shop_cart');\n",
        _PLUGIN % "    may_i();\n    delete_option('shop_cart');\n"
        + "function may_i() { current_user_can('a') || wp_die(); }\n",
        "<?php\nadd_action('wp_ajax_nopriv_x', function () {\n    $wpdb->insert('t', array('a' => 1));\n});\n",
    ),
)
def any_account(call: Node, file: PhpFile) -> Iterator[Hit]:
    """Where a nonce is asked for, only of what no visitor should do: pages give nonces out to those who may."""
    found = _hooked(call, file)
    if found is None:
        return
    text = _reached(found[1], file)
    wanted = _GRAVE if found[0]["anyone"] or found[0]["visitor"] or _NONCE.search(text) else _CHANGES
    if wanted.search(text) and not _CAPABILITY.search(text):
        yield Hit(file.head_span(found[1]), "Whoever has an account may do this: no capability is asked for")


@check(
    MISSING_ROLE_CHECK,
    on=called("register_rest_route"),
    bad=(
        "<?php\nregister_rest_route('a/v1', '/s', array('methods' => 'POST', 'callback' => 'save',\n"
        "    'permission_callback' => '__return_true'));\nfunction save($r) { update_option('a', $r['a']); }\n",
    ),
    good=(
        "<?php\nregister_rest_route('a/v1', '/s', array('methods' => 'GET', 'callback' => 'show',\n"
        "    'permission_callback' => '__return_true'));\nfunction show($r) { return get_option('a'); }\n",
        "<?php\nregister_rest_route('a/v1', '/s', array('methods' => 'POST', 'callback' => 'save',\n"
        "    'permission_callback' => 'may'));\nfunction save($r) { update_option('a', $r['a']); }\n",
    ),
)
def open_endpoint(call: Node, file: PhpFile) -> Iterator[Hit]:
    """An endpoint for everybody that changes something."""
    for member in file.descendants(call, "array_element_initializer"):
        if not re.match(r"['\"]permission_callback['\"]\s*=>\s*['\"]__return_true['\"]", file.text(member)):
            continue
        beside = list(member.parent.named_children) if member.parent is not None else []
        callback = next((c for c in beside if re.match(r"['\"]callback['\"]", file.text(c))), None)
        handler = _handler(callback.named_children[-1] if callback is not None else None, file)
        if handler is None:
            continue
        text = _reached(handler, file)
        if _CHANGES.search(text) and not _CAPABILITY.search(text) and not _NONCE.search(text):
            yield Hit(
                file.head_span(member), "Everybody may call this, and it changes something", severity=Severity.HIGH
            )


CHECKS = (unproven_request, any_account, open_endpoint)
