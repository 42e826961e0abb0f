"""Signed tokens: whether they end, and whether their signature is looked at."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.cookies import options
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments
from server.analysis.parsed import called
from server.analysis.python.tokens import ENDLESS_TOKEN
from server.analysis.rule import Hit, check
from server.analysis.rules import UNVERIFIED_TOKEN
from server.reviews.finding import Confidence, Severity

_BUILT = re.compile(r"new\s+(?:jose\.)?SignJWT\(\s*\{([^{}]{0,500})\}\s*\)")
_ENDS = re.compile(r"\.setExpirationTime\(")
_JWT = re.compile(r"(?:^|\.)(?:jwt|jsonwebtoken|JWT|jwt_?[sS]ervice)\.\w+$")


@check(
    ENDLESS_TOKEN,
    on=called("sign"),
    bad=(
        "const t = jwt.sign({ id: user.id }, SECRET);\n",
        "const t = jwt.sign({ id }, process.env.KEY, { algorithm: 'HS256' });\n",
        "const t = jwt.sign({ ...user }, process.env.KEY, { algorithm: 'HS256' });\n",
        "const t = app.jwt.sign({ id: user.id });\n",
        "const t = await new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' }).sign(key);\n",
        "const t = await new SignJWT({ ...session }).setProtectedHeader({ alg: 'HS256' }).sign(key);\n",
    ),
    good=(
        "const t = jwt.sign({ id: user.id }, SECRET, { expiresIn: '1h' });\n",
        "const t = jwt.sign({ id, exp: soon() }, SECRET);\n",
        "const t = jwt.sign(payload, SECRET);\n",
        "const t = jwt.sign({ id }, SECRET, OPTIONS);\n",
        "const claims = { exp: soon() };\nconst t = jwt.sign({ ...claims }, SECRET);\n",
        "const s = signer.sign({ id });\n",
        "import { JwtService } from '@nestjs/jwt';\nclass A {\n  t(id) {\n    return this.jwt.sign({ id });\n  }\n}\n",
        "const t = await new SignJWT({ sub }).setProtectedHeader({ alg }).setExpirationTime('1h').sign(key);\n",
        "const t = await new jose.SignJWT(claims).setProtectedHeader({ alg }).sign(key);\n",
    ),
)
def endless_token(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if _BUILT.match(file.text(call.child_by_field_name("function"))) is not None:
        if not _ENDS.search(file.text(call)) and not re.search(r"\bexp\b", file.source.text):
            yield Hit(file.head_span(call), "The token never ends")
        return
    if not _JWT.search(file.callee(call)) or not given or given[0].type != "object":
        return
    if len(given) < 2 and ("." not in file.callee(call).partition("jwt")[0] or "expiresIn" in file.source.text):
        return
    if len(given) > 2 and given[2].type != "object":
        return
    if "@nestjs/jwt" in file.source.text and file.callee(call).startswith("this."):
        return  # The module that sets it up says when its tokens end.
    claims, chosen = file.text(given[0]), options(given[2] if len(given) > 2 else None, file)
    spread = "..." in claims + file.text(given[-1]) and re.search(r"\bexp\b|expiresIn", file.source.text) is not None
    if "expiresIn" not in chosen and not re.search(r"\bexp\b", claims + file.text(given[-1])) and not spread:
        yield Hit(file.head_span(call), "The token never ends")


@check(
    UNVERIFIED_TOKEN,
    on=called("decode", "jwtDecode", "jwt_decode", "decodeJwt"),
    bad=(
        "const jwt = require('jsonwebtoken');\nconst who = jwt.decode(req.query.token);\n",
        "class A {\n  who(@Headers('authorization') header) {\n    return this.jwt.decode(header.slice(7));\n  }\n}\n",
        "app.use((req, res, next) => {\n  req.user = jwt.decode(req.headers.authorization);\n  next();\n});\n",
        "class Users {\n  whoami(token) {\n    const found = this.jwtService.decode(token);\n"
        "    return this.users.findOne({ where: { id: found.sub } });\n  }\n}\n",
        "export function peek() {\n  const token = cookies().get('session')?.value;\n  return decodeJwt(token);\n}\n",
    ),
    good=(
        "const who = jwt.verify(req.query.token, KEY);\n",
        "const head = jwt.decode(token, { complete: true });\n",
        "const who = jwtDecode(localStorage.getItem('token'));\n",
        "const text = decoder.decode(req.body);\n",
        "function soon(token) {\n  return jwt.decode(token).exp < now();\n}\n",
        "async function who(token) {\n  await this.jwt.verifyAsync(token);\n  return this.jwt.decode(token).sub;\n}\n",
        "function me(token) {\n  return jwtDecode(token).sub || window.user;\n}\n",
    ),
)
def decoded_only(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """On a server: a browser cannot check the signature, and need not."""
    name, given = file.callee(call), arguments(call)
    if name.endswith(".decode") and not _JWT.search(name):
        return
    if len(given) != 1 or not (_is_sent(given[0], file) or _tells_who(call, given[0], file)):
        return
    yield Hit(
        file.head_span(call),
        "The token is read without a look at its signature",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
    )


def _is_sent(node: Node, file: JavaScriptFile) -> bool:
    texts = [file.text(node), *map(file.text, file.locals.get(file.text(node), ()))]
    return any(re.search(r"\b(?:req|request|ctx|headers?|authorization|cookies?)\b", text) for text in texts)


_NAMES_SOMEBODY = re.compile(r"(?:\.|\[['\"])(?:sub|userId|user_id|uid|email|username|role|roles|isAdmin)\b")
_IN_BROWSER = re.compile(
    r"localStorage|sessionStorage|\bwindow\.|\bdocument\.|['\"]use client['\"]|from 'react'|@angular"
)


def _tells_who(call: Node, token: Node, file: JavaScriptFile) -> bool:
    """A function that is handed a token and takes from it who somebody is, on a server."""
    if token.type != "identifier" or _IN_BROWSER.search(file.source.text):
        return False
    around = next((a for a in file.ancestors(call) if a.type in _FUNCTIONS), None)
    text = file.text(around)[:4_000]
    is_given = re.search(rf"\(\s*(?:\w+\s*:[^,()]*,\s*)*{re.escape(file.text(token))}\b", text.partition("{")[0])
    return is_given is not None and "verify" not in text.lower() and _NAMES_SOMEBODY.search(text) is not None


_FUNCTIONS = frozenset({"function_declaration", "method_definition", "arrow_function", "function_expression"})


@check(
    ENDLESS_TOKEN,
    on=called("verify", "verifyAsync", "register", "Strategy", "JwtStrategy", "super"),
    bad=(
        "jwt.verify(token, KEY, { ignoreExpiration: true });\n",
        "this.jwtService.verify(token, { ignoreExpiration: true });\n",
        "passport.use(new JwtStrategy({ secretOrKey, ignoreExpiration: true }, verify));\n",
    ),
    good=("jwt.verify(token, KEY, { ignoreExpiration: false });\n", "jwt.verify(token, KEY);\n"),
)
def ignored_end(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """A token that has run out is taken as any other."""
    for given in arguments(call):
        value = options(given, file).get("ignoreExpiration")
        if value is not None and value.type == "true":
            yield Hit(file.head_span(call), "Tokens that have run out are accepted", severity=Severity.MEDIUM)


CHECKS = (endless_token, decoded_only, ignored_end)
