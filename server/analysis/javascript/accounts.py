"""Logins and registrations: what they tell of who has an account, and how sessions and passwords are kept."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments
from server.analysis.parsed import called
from server.analysis.python.storage import PLAIN_PASSWORD
from server.analysis.rule import Hit, check
from server.analysis.web.enumeration import USER_ENUMERATION
from server.analysis.web.sessions import SESSION_FIXATION
from server.reviews.finding import Confidence

FUNCTIONS = ("arrow_function", "function_expression", "function_declaration", "method_definition")

_UNKNOWN = re.compile(
    r"(?:user(?:name)?|account|e-?mail(?: address)?)\b[\w' ]{0,30}(?:not found|does ?n[o']t exist|not exist|unknown"
    r"|not registered)|(?:no such|unknown|invalid|no|cannot find|incorrect|wrong) (?:user(?:name)?|account|e-?mail)\b"
    r"(?!.{0,12}(?:or|and|/).{0,12}pass)|no (?:user|account) (?:with|for|found)",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"(?:wrong|invalid|incorrect|bad) pass\w*|pass\w* (?:is )?(?:wrong|invalid|incorrect|does)", re.IGNORECASE
)
_HASHES = re.compile(r"hash|bcrypt|argon|scrypt|pbkdf|digest|crypt\w*\(", re.IGNORECASE)
_LONGEST = 6_000


def handler_of(node: Node, file: JavaScriptFile) -> Node | None:
    """The nearest function around."""
    return next((ancestor for ancestor in file.ancestors(node) if ancestor.type in FUNCTIONS), None)


@check(
    USER_ENUMERATION,
    on=("string",),
    bad=(
        "async function login(req, res) {\n  if (!user) return res.status(404).send('User not found');\n"
        "  if (!(await check(req.body.password))) return res.status(401).send('Wrong password');\n}\n",
        "app.post('/login', (req, res) => {\n  if (!user) res.json({ error: 'Unknown user' });\n"
        "  else if (bad(password)) res.json({ error: 'Invalid password' });\n});\n",
    ),
    good=(
        "async function login(req, res) {\n  if (!user) return res.send('Wrong name or password');\n"
        "  if (!ok(req.body.password)) return res.send('Wrong name or password');\n}\n",
        "function show(req, res) {\n  res.send('User not found');\n}\n",
    ),
)
def told_who_exists(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """The answer of a function that answers otherwise when the password is wrong."""
    text = file.text(node)
    if len(text) > 200 or not _UNKNOWN.search(text):
        return
    around = handler_of(node, file)
    if around is None:
        return
    whole = file.text(around)[:_LONGEST]
    if "passw" in whole.lower() and _WRONG.search(whole) and re.search(r"\b(?:res|reply|ctx|Response|throw)\b", whole):
        yield Hit(file.span(node), "The answer tells that there is no such user", confidence=Confidence.MEDIUM)


@check(
    SESSION_FIXATION,
    on=("assignment_expression",),
    bad=(
        "app.post('/login', async (req, res) => {\n"
        "  if (!(await bcrypt.compare(req.body.password, user.hash))) return;\n"
        "  req.session.userId = user.id;\n});\n",
    ),
    good=(
        "app.post('/login', async (req, res) => {\n  check(req.body.password);\n  req.session.regenerate(() => {\n"
        "    req.session.userId = user.id;\n  });\n});\n",
        "app.get('/theme', (req, res) => {\n  req.session.theme = 'dark';\n});\n",
        "app.post('/login', (req, res) => {\n  check(req.body.password);\n  req.session.theme = 'dark';\n});\n",
    ),
)
def kept_session(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    target = file.text(node.child_by_field_name("left"))
    if not re.match(
        r"req(?:uest)?\.session\.(?:user|userId|user_id|uid|account|loggedIn|isLoggedIn|authenticated)$", target
    ):
        return
    around = handler_of(node, file)
    if around is None or "cookie-session" in file.source.text or _renews(around, file):
        return
    if re.search(r"passw|login\(|authenticate\(|credentials", _texts_around(around, file), re.IGNORECASE):
        yield Hit(
            file.span(node), "The login goes on with the session that the visitor came with", confidence=Confidence.LOW
        )


def _renews(function: Node, file: JavaScriptFile) -> bool:
    """It, or what it stands in; where no function of the file says so itself, a helper may."""
    around = [function, *(a for a in file.ancestors(function) if a.type in FUNCTIONS)]
    if any("regenerate" in file.text(one)[:_LONGEST] for one in around):
        return True
    renewing = re.findall(
        r"function (\w+)[^{]{0,200}\{[^}]{0,400}regenerate|(\w+)\s*=\s*[^;{]{0,100}\{[^}]{0,400}regenerate",
        file.source.text,
    )
    return any(f"{name}(" in file.text(function)[:_LONGEST] for pair in renewing for name in pair if name)


def _texts_around(function: Node, file: JavaScriptFile) -> str:
    """The function with what registers it: `app.post('/login', ...)`."""
    call = next((a for a in file.ancestors(function) if a.type == "call_expression"), function)
    return file.text(call)[:_LONGEST]


@check(
    PLAIN_PASSWORD,
    on=("binary_expression",),
    bad=(
        "if (user.password === req.body.password) login(user);\n",
        "const { password } = req.body;\nif (user.password !== password) fail();\n",
    ),
    good=(
        "if (req.body.password !== req.body.confirm) fail();\n",
        "const password = hash(req.body.password);\nif (user.password !== password) fail();\n",
        "if (await bcrypt.compare(req.body.password, user.password)) login();\n",
        "if (user.password === '') fail();\n",
    ),
)
def compared_password(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """What is stored equals what was sent: it was never hashed."""
    sign = node.child_by_field_name("operator")
    if sign is None or sign.type not in ("===", "==", "!==", "!="):
        return
    sides = [file.text(node.child_by_field_name(side)) for side in ("left", "right")]
    stored = [
        side
        for side in sides
        if re.fullmatch(r"\w*(?:user|account|row|rows\[0\]|doc|found|result)\w*(?:\[0\])?\.password", side, re.I)
    ]
    sent = [side for side in sides if re.fullmatch(r"(?:req|request|ctx)\.body\.(?:password|pass|pwd)|password", side)]
    if len(stored) != 1 or len(sent) != 1:
        return
    around = handler_of(node, file)
    if _HASHES.search(file.text(around)[:_LONGEST] if around is not None else file.source.text[:_LONGEST]):
        return
    yield Hit(file.span(node), "The password that is kept is compared as it is")


@check(
    PLAIN_PASSWORD,
    on=called("create", "insertOne", "insert", "User", "query", "execute", "run", "save"),
    bad=(
        "app.post('/register', async (req, res) => {\n"
        "  await User.create({ name: req.body.name, password: req.body.password });\n"
        "});\n",
        "app.post('/register', (req, res) => {\n"
        "  db.query('INSERT INTO users (name, password) VALUES (?, ?)', [req.body.name, req.body.password]);\n"
        "});\n",
    ),
    good=(
        "app.post('/register', async (req, res) => {\n  const hash = await bcrypt.hash(req.body.password, 12);\n"
        "  await User.create({ name, password: hash });\n});\n",
        "const mongoose = require('mongoose');\n"
        "import bcrypt from 'bcrypt';\n"
        "app.post('/a', () => User.create({ password: req.body.password }));\n",
        "db.query('SELECT * FROM users WHERE name = ?', [req.body.password]);\n",
    ),
)
def stored_password(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if not given or _HASHES.search(file.source.text):
        return
    text = file.text(call.child_by_field_name("arguments"))[:2_000]
    is_row = given[0].type == "object" and re.search(r"\bpassword:\s*(?:req|request|ctx)\.body\.pass\w+", text)
    is_statement = re.search(r"insert\s+into\s+\w*(?:user|account|member)\w*", text, re.I) and re.search(
        r"body\.passw", text
    )
    if is_row or is_statement:
        yield Hit(file.head_span(call), "The password is kept as it was sent")


CHECKS = (told_who_exists, kept_session, compared_password, stored_password)
