"""What servers tell browsers: cookies without their flags, origins that may read."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments
from server.analysis.parsed import called
from server.analysis.python.cookies import INSECURE_COOKIE
from server.analysis.rule import Hit, check
from server.analysis.rules import PERMISSIVE_CORS
from server.reviews.finding import Confidence, Severity

_SENSITIVE = re.compile(
    r"sess|sid$|token|auth|jwt|user|login|remember|admin|role|account|secret|passw|member|\bpin\b|otp|code",
    re.IGNORECASE,
)


def options(node: Node | None, file: JavaScriptFile) -> dict[str, Node]:
    """The members of an object literal by name; of anything else, none."""
    if node is None or node.type != "object":
        return {}
    found = {}
    for pair in node.named_children:
        value = pair.child_by_field_name("value") if pair.type == "pair" else None
        if value is not None:
            found[file.text(pair.child_by_field_name("key")).strip("'\"")] = value
    return found


def _has_spread(node: Node) -> bool:
    return any(child.type == "spread_element" for child in node.named_children)


@check(
    INSECURE_COOKIE,
    on=called("cookie", "setCookie", "set"),
    bad=(
        "res.cookie('session', token);\n",
        "res.cookie('token', jwt, { maxAge: 1000 });\n",
        "res.status(200).cookie('auth', t, { httpOnly: false, secure: true });\n",
        "cookies().set('session', token, { httpOnly: true, secure: false });\n",
        "reply.setCookie('sid', id, { path: '/' });\n",
        "setCookie(c, 'session', id, { httpOnly: false });\n",
    ),
    good=(
        "res.cookie('session', token, { httpOnly: true, secure: true, sameSite: 'lax' });\n",
        "res.cookie('session', token, { httpOnly: true, secure: PRODUCTION });\n",
        "res.cookie('theme', 'dark');\n",
        "res.cookie('session', token, COOKIE);\n",
        "res.cookie('session', token, { ...COOKIE, maxAge: 5 });\n",
        "cache.set('session', token);\n",
        "res.cookie('token', '', { maxAge: 0 });\n",
    ),
)
def insecure_cookie(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    name, given = file.callee(call), arguments(call)
    if name == "setCookie" and given and given[0].type == "identifier":  # `setCookie(context, "sid", id)`
        name, given = ".setCookie", given[1:]
    if len(given) < 2 or given[0].type != "string" or not _SENSITIVE.search(file.text(given[0])[1:-1]):
        return
    if name.endswith(".set") and not re.search(r"cookies\b", file.text(call.child_by_field_name("function"))):
        return
    if not name.endswith((".cookie", ".setCookie", ".set")) or file.text(given[1]) in ("''", '""', "null"):
        return
    chosen = given[2] if len(given) > 2 else None
    if chosen is not None and (chosen.type != "object" or _has_spread(chosen)):
        return
    missing = _missing(options(chosen, file), file)
    if missing:
        yield Hit(file.head_span(call), f"The cookie {file.text(given[0])} is set without {missing}")


def _missing(chosen: dict[str, Node], file: JavaScriptFile) -> str:
    """The flags that it lacks; Secure alone is often set by what stands before the server."""
    http_only, secure = chosen.get("httpOnly"), chosen.get("secure")
    flags = []
    if http_only is None or http_only.type == "false":
        flags.append("httpOnly")
    if (secure is None and flags) or (secure is not None and secure.type == "false"):
        flags.append("secure")
    return " and ".join(flags)


@check(
    INSECURE_COOKIE,
    on=called("session", "cookieSession", "expressSession"),
    bad=(
        "app.use(session({ secret, cookie: { httpOnly: false } }));\n",
        "app.use(session({\n  secret,\n  cookie: { secure: false, maxAge: 5 },\n}));\n",
        "app.use(cookieSession({ keys, httpOnly: false }));\n",
    ),
    good=(
        "app.use(session({ secret, cookie: { secure: true } }));\n",
        "app.use(session({ secret }));\n",
        "app.use(session({ secret, cookie: { secure: isProduction } }));\n",
    ),
)
def insecure_session(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    chosen = options(given[0] if given else None, file)
    for flags in (chosen, options(chosen.get("cookie"), file)):
        for name in ("httpOnly", "secure"):
            value = flags.get(name)
            if value is not None and value.type == "false":
                yield Hit(file.span(value), f"The session's cookie is sent without {name}", evidence=f"{name}: false")
                return


@check(
    INSECURE_COOKIE,
    on=called("setHeader", "header", "set", "append", "appendHeader"),
    bad=(
        "res.setHeader('Set-Cookie', 'sid=' + id + '; Path=/');\n",
        "res.append('Set-Cookie', `token=${token}; Secure`);\n",
    ),
    good=(
        "res.setHeader('Set-Cookie', `sid=${id}; HttpOnly; Secure; SameSite=Lax`);\n",
        "res.setHeader('Set-Cookie', `theme=${theme}`);\n",
        "res.setHeader('Set-Cookie', serialize('sid', id, OPTIONS));\n",
        "res.setHeader('Set-Cookie', 'sid=; Max-Age=0');\n",
    ),
)
def cookie_by_hand(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if len(given) != 2 or file.text(given[0]).strip("'\"`").lower() != "set-cookie":
        return
    text = file.text(given[1])
    named = re.match(r"\[?\s*['\"`]([\w-]+)=(?:['\"]\s*\+|\$\{)", text)
    if named and _SENSITIVE.search(named[1]) and "httponly" not in text.lower():
        yield Hit(file.head_span(call), f"The cookie {named[1]} is set without HttpOnly")


_ALLOWED = "access-control-allow-origin"


@check(
    PERMISSIVE_CORS,
    on=called("setHeader", "header", "set", "append"),
    bad=("res.setHeader('Access-Control-Allow-Origin', '*');\n", "res.header('access-control-allow-origin', '*');\n"),
    good=(
        "res.setHeader('Access-Control-Allow-Origin', 'https://a.example');\n",
        "res.setHeader('Access-Control-Allow-Origin', origin);\n",
        "res.setHeader('Access-Control-Allow-Methods', '*');\n",
    ),
)
def any_origin(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if len(given) == 2 and file.text(given[0]).strip("'\"").lower() == _ALLOWED and file.text(given[1])[1:-1] == "*":
        yield _open_to_all(call, file)


@check(
    PERMISSIVE_CORS,
    on=("object",),
    bad=(
        "const h = [{ key: 'Access-Control-Allow-Origin', value: '*' }];\n",
        "const h = { 'Access-Control-Allow-Origin': '*' };\n",
    ),
    good=(
        "const h = [{ key: 'Access-Control-Allow-Origin', value: SITE }];\n",
        "const h = [{ key: 'Cache-Control', value: '*' }];\n",
    ),
)
def any_origin_in_headers(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if node.named_child_count > 30 or _ALLOWED not in file.text(node)[:3_000].lower():
        return
    chosen = options(node, file)
    key = file.text(chosen.get("key")).strip("'\"").lower()
    for name, value in chosen.items():
        if file.text(value)[1:-1] == "*" and (name.lower() == _ALLOWED or (name == "value" and key == _ALLOWED)):
            yield _open_to_all(value, file)


def _open_to_all(node: Node, file: JavaScriptFile) -> Hit:
    """Worse where cookies may come along."""
    with_cookies = re.search(
        r"allow-credentials['\"]\s*[,:]\s*(?:value:\s*)?['\"]?true", file.source.text, re.IGNORECASE
    )
    severity = Severity.MEDIUM if with_cookies else Severity.LOW
    return Hit(file.span(node), "Every web site may read the answers", severity=severity, confidence=Confidence.MEDIUM)


CHECKS = (insecure_cookie, cookie_by_hand, insecure_session, any_origin, any_origin_in_headers)
