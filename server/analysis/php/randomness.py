"""Secrets in PHP that can be guessed: from `rand()` and its like, or from the clock."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.guessable import TOKEN_NAME, guessed
from server.analysis.parsed import called
from server.analysis.php.file import PhpFile
from server.analysis.rule import Hit, check
from server.analysis.rules import PREDICTABLE_SECRET

_CLOCK = ("time", "microtime", "uniqid")


@check(
    PREDICTABLE_SECRET,
    on=called("rand", "mt_rand", "lcg_value", "str_shuffle", "array_rand", *_CLOCK),
    bad=(
        "<?php $token = md5(rand());\n",
        "<?php $resetToken = mt_rand(100000, 999999);\n",
        "<?php $session_id = uniqid();\n",
        "<?php function generateToken() { return md5(uniqid(rand(), true)); }\n",
        "<?php $user->api_key = substr(str_shuffle('abcdefghijklmnop0123456789'), 0, 16);\n",
        "<?php $_SESSION['csrf'] = md5(time());\n",
        "<?php setcookie('session', rand());\n",
        "<?php $code = rand(1000, 9999);\n",
        "<?php function random_str($n) { for ($i = 0; $i < $n; $i++) { $s .= $chars[rand(0, 61)]; } return $s; }\n"
        "$password = random_str(8);\n",
    ),
    good=(
        "<?php $token = bin2hex(random_bytes(32));\n",
        "<?php $page = rand(1, 10);\n",
        "<?php $token = $tokens[rand(0, 3)];\n",
        "<?php $token_expires = time() + 3600; $_SESSION['token_time'] = time();\n",
        "<?php setcookie('remember', $value, time() + 86400);\n",
        "<?php $token = ['value' => random_bytes(3), 'until' => time() + 60];\n",
        "<?php $token_lifetime += rand(0, 60);\n",
    ),
)
def predictable_secret(call: Node, file: PhpFile) -> Iterator[Hit]:
    name = file.callee(call)
    if any(_is_weak(a, file) for a in _calls_around(call, file)):  # of `md5(uniqid(rand()))` one is enough
        return
    if (name in _CLOCK and _reckons(call, file)) or _is_added(call, file):
        return
    taken_for = guessed(call, file, may_pick=name != "str_shuffle")
    if not taken_for or (name in _CLOCK and not _is_text(call, file, taken_for)):
        return
    yield Hit(file.span(call), f"A secret made with {name}()")


def _reckons(call: Node, file: PhpFile) -> bool:
    """`time() + 3600` is a moment."""
    return call.parent is not None and file.text(call.parent.child_by_field_name("operator")) in ("+", "-")


def _is_added(call: Node, file: PhpFile) -> bool:
    """`$cache_time += rand(0, 60)` is a number."""
    return call.parent is not None and file.text(call.parent.child_by_field_name("operator")) in ("+=", "-=", "*=")


def _calls_around(call: Node, file: PhpFile) -> Iterator[Node]:
    for ancestor in file.ancestors(call):
        if ancestor.type == "function_call_expression":
            yield ancestor
        elif ancestor.type.endswith(("statement", "block")):
            return


def _is_weak(call: Node, file: PhpFile) -> bool:
    return file.callee(call) in ("rand", "mt_rand", "uniqid", "str_shuffle", "time", "microtime")


def _is_text(call: Node, file: PhpFile, taken_for: str) -> bool:
    """A moment is a number to reckon with, unless a text is made of it."""
    hashed = any(
        re.match(r"md5|sha1|hash|base64_encode|bin2hex|str", file.callee(a)) for a in _calls_around(call, file)
    )
    return hashed or file.callee(call) == "uniqid" or TOKEN_NAME.search(taken_for) is not None


CHECKS = (predictable_secret,)
