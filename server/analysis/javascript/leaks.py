"""Secrets that a page hands to others: to any window by a message, to any script of the site by its storage."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments, is_constant
from server.analysis.parsed import called
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

MESSAGE_TO_ANYONE = Rule(
    "hive.message-to-anyone",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "With the target origin * the message reaches whatever page the window shows by now, a stranger's too.",
    201,
    in_tests=False,
    also=(359, 346, 200, 923, 668),
    remedy="Name the origin that the message is for: postMessage(data, 'https://app.example').",
)
TOKEN_IN_STORAGE = Rule(
    "hive.token-in-storage",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.LOW,
    "Every script of the site reads its storage: one cross-site scripting takes the token along, to be used anywhere.",
    922,
    in_tests=False,
    also=(312, 522, 311, 539, 1004),
    remedy="Keep it in a cookie with HttpOnly, Secure and SameSite, or in memory.",
)

_SECRET = re.compile(
    r"(?:^|[^a-z])(?:(?:access|auth|id|refresh|session|bearer|user|api)_?)?(?:token|jwt|secret|passw(?:or)?d|credentials?"
    r"|session_?id|api_?key)s?\b",
    re.IGNORECASE,
)


@check(
    MESSAGE_TO_ANYONE,
    on=called("postMessage"),
    bad=(
        "window.opener.postMessage({ token }, '*');\n",
        "parent.postMessage(JSON.stringify({ type: 'login', accessToken: t }), '*');\n",
    ),
    good=(
        "window.parent.postMessage({ kind: 'ready' }, '*');\n",
        "window.opener.postMessage({ token }, ORIGIN);\n",
        "worker.postMessage({ token });\n",
        "window.postMessage(token, '*');\n",
    ),
)
def message_to_anyone(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if len(given) < 2 or file.text(given[1]).strip("'\"`") != "*" or given[1].type != "string":
        return
    found = _SECRET.search(file.text(given[0])[:2_000])
    is_mark = given[0].type == "identifier"  # of the message, to know it again
    if found is not None and not is_mark and not is_constant(given[0], file):
        yield Hit(file.head_span(call), "A secret is sent to the window, whatever page it shows")


_STORED = re.compile(
    r"['\"`](?:\w+[-_.:])?(?:(?:access|auth|id|refresh|session|bearer|user)[-_]?)?(?:token|jwt)['\"`]", re.IGNORECASE
)


@check(
    TOKEN_IN_STORAGE,
    on=called("setItem"),
    bad=("localStorage.setItem('token', data.token);\n", "window.localStorage.setItem('access_token', jwt);\n"),
    good=(
        "localStorage.setItem('theme', theme);\n",
        "sessionStorage.setItem('token', data.token);\n",
        "localStorage.setItem('token', '');\n",
        "cache.setItem('token', token);\n",
    ),
)
def token_in_storage(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if len(given) != 2 or not file.callee(call).endswith("localStorage.setItem"):
        return
    if _STORED.fullmatch(file.text(given[0])) and not is_constant(given[1], file):
        yield Hit(file.head_span(call), "The token lies where every script of the site can read it")


CHECKS = (message_to_anyone, token_in_storage)
