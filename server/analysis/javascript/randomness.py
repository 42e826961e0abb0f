"""Secrets in JavaScript that can be guessed: from `Math.random()`, lodash, or the clock."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.guessable import SECRET_NAME, TOKEN_NAME, guessed
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.analysis.rules import PREDICTABLE_SECRET
from server.analysis.text.looks import snake


@check(
    PREDICTABLE_SECRET,
    on=called("random"),
    bad=(
        "const resetToken = Math.random().toString(36).slice(2);\n",
        "user.password = 'x' + Math.random();\n",
        "function generateToken() {\n  return Math.random().toString(36).slice(2);\n}\n",
        "app.post('/f', (req, res) => {\n  const code = Math.floor(1000 + Math.random() * 9000).toString();\n});\n",
        "res.cookie('session', Math.random().toString(36));\n",
        "sessions[Math.random().toString(36).slice(2)] = user;\n",
        "const makeId = () => Math.random().toString(36).slice(2);\nconst csrfToken = makeId();\n",
        "const password = words[3] + _.random(1000, 9999);\n",
        "const newPassword = () => {\n  let out = '';\n  for (let i = 0; i < 8; i++) out += A[Math.random() * 9 | 0];\n"
        "  return out;\n};\n",
    ),
    good=(
        "const delay = Math.random() * 100;\n",
        "const resetToken = crypto.randomUUID();\n",
        "const id = Math.random();\n",
        "const code = statusCodes[Math.floor(Math.random() * statusCodes.length)];\n",
        "const token = tokens[Math.floor(Math.random() * tokens.length)];\n",
        "const makeId = () => Math.random().toString(36).slice(2);\nconst el = makeId();\n",
    ),
)
def predictable_secret(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    name = file.callee(call)
    if name in ("Math.random", "_.random", "lodash.random") and guessed(call, file):
        yield Hit(file.span(call), f"A secret made with {name}()")


@check(
    PREDICTABLE_SECRET,
    on=("variable_declarator", "assignment_expression"),
    bad=(
        "const resetToken = Date.now().toString();\n",
        "const resetToken = crypto.createHash('md5').update(user.email + Date.now()).digest('hex');\n",
        "import { v1 as uuidv1 } from 'uuid';\nconst sessionToken = uuidv1();\n",
        "user.apiKey = Buffer.from(user.email).toString('base64');\n",
    ),
    good=(
        "const tokenExpires = Date.now() + 1000;\n",
        "const token = jwt.sign({ iat: Date.now() }, KEY);\n",
        "const token = crypto.randomBytes(9).toString('hex') + Date.now().toString();\n",
        "const token = { value: random(), made: Date.now() };\n",
        "const auth = Buffer.from(user + ':' + password).toString('base64');\n",
    ),
)
def known_secret(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """The time, or what everybody knows of a person, as a text."""
    target = node.child_by_field_name("name") or node.child_by_field_name("left")
    value = node.child_by_field_name("value") or node.child_by_field_name("right")
    if value is None or value.type not in ("call_expression", "template_string", "binary_expression"):
        return
    said, text = snake(file.text(target)[:100]), file.text(value)[:500]
    if not (SECRET_NAME.search(said) or TOKEN_NAME.search(said)) or _CANNOT_BE_KNOWN.search(text):
        return
    if _IS_TIME.search(text) or (_IS_ENCODED.search(text) and not re.search(r"auth|passw", said + text)):
        yield Hit(file.head_span(node), "A secret made from what is known")


_CANNOT_BE_KNOWN = re.compile(
    r"random|uuidv?4|sign\(|encrypt|secret|salt|passw|Hmac|verify|nanoid|=>|key\b|Math\.", re.IGNORECASE
)
_IS_TIME = re.compile(
    r"Date\.now\(\)\)?(?:\.toString|\s*\+\s*['\"`]|\}|.{0,40}digest\()|\buuid\.?v1\(|['\"`]\s*\+\s*Date\.now"
)
_IS_ENCODED = re.compile(
    r"Buffer\.from\([^()]{0,60}(?:email|user_?name|user_?id)\b[^()]{0,40}\)\.toString\(", re.IGNORECASE
)


CHECKS = (predictable_secret, known_secret)
