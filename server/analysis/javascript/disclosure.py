"""What gets out that should not: the inside of errors to clients, secrets to logs."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.file import JavaScriptFile
from server.analysis.parsed import called
from server.analysis.python.logs import LOGGED_SECRET
from server.analysis.rule import Hit, check
from server.analysis.telling import logged, told
from server.analysis.web.disclosure import ERROR_DETAILS
from server.reviews.finding import Severity

_STACK = re.compile(r"\b(?:err|error|e|ex|exception)\.stack\b|\butil\.inspect\((?:err|error|e)\b")
_ENVIRONMENT = re.compile(r"^\(\s*(?:JSON\.stringify\(\s*)?process\.env\s*[,)]|[{,]\s*\w+:\s*process\.env\s*[,}]")
_ANSWER = re.compile(r"^(?:res|response|reply|ctx)\b|^NextResponse\.|^Response\.")


@check(
    ERROR_DETAILS,
    on=called("send", "json", "end", "write", "render"),
    bad=(
        "app.use((err, req, res, next) => {\n  res.status(500).send('<pre>' + err.stack + '</pre>');\n});\n",
        "res.json({ error: e.message, stack: e.stack });\n",
        "res.json({ stack: error.stack, env: process.env });\n",
        "res.json(process.env);\n",
    ),
    good=(
        "app.use((err, req, res, next) => {\n  res.status(500).send('Something broke');\n});\n",
        "res.json({ stack: DEVELOPMENT ? err.stack : undefined });\n",
        "console.error(err.stack);\n",
        "if (app.get('env') === 'development') {\n  res.send(err.stack);\n}\n",
    ),
)
def stack_in_answer(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    function = file.text(call.child_by_field_name("function"))
    if not _ANSWER.match(function) or len(function) > 200:
        return
    given = file.text(call.child_by_field_name("arguments"))[:2_000]
    if _ENVIRONMENT.search(given):
        yield Hit(
            file.head_span(call), "The answer has the environment, with every secret in it", severity=Severity.HIGH
        )
        return
    if not _STACK.search(given) or re.search(r"\?[^.]|&&|NODE_ENV|\benv\b\s*[=!]==", given, re.IGNORECASE):
        return
    around = next((a for a in file.ancestors(call) if a.type == "if_statement"), None)
    if around is not None and re.search(
        r"dev|debug|env|prod", file.text(around.child_by_field_name("condition")), re.I
    ):
        return
    yield Hit(file.head_span(call), "The answer shows where the error came from")


_LOGS = re.compile(
    r"^(?:console|_?logger|log|winston|pino|this\.(?:_?logger|log)|(?:req|request|app|fastify|server|ctx)\.log)\.\w+$"
)


@check(
    LOGGED_SECRET,
    on=called("log", "info", "debug", "warn", "error", "trace", "verbose"),
    bad=(
        "console.log('login', user, password);\n",
        "logger.info(`password of ${name}: ${user.password}`);\n",
        "console.log('reset token for', req.body.email, token);\n",
        "console.log(req.body.password);\n",
        "const jwt = sign(a);\nlogger.debug('made ' + accessToken);\n",
        "app.post('/login', (req, res) => {\n  console.log(req.body);\n  check(req.body.password);\n});\n",
        "app.use((req, res, next) => {\n  console.log(req.method, req.headers);\n});\n",
        "this.logger.log(`Login attempt ${JSON.stringify(loginDto)}`);\n",
    ),
    good=(
        "console.log('password changed');\n",
        "console.log(password.length);\n",
        "logger.info('token', mask(token));\n",
        "console.log(tokens, token.type);\n",
        "console.log('next token', token);\n",
        "app.post('/orders', (req, res) => {\n  console.log(req.body);\n});\n",
    ),
)
def logged_secret(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = call.child_by_field_name("arguments")
    if given is None or not _LOGS.match(file.callee(call)):
        return
    yield from logged(call, given, file)


_SHOWS_ERROR = re.compile(r"^(?:String|JSON\.stringify|(?:util\.)?inspect|serializeError|errorToString)$")
_CAUGHT = re.compile(r"^(?:err|error|e|ex|exception)$")
_BROKEN = re.compile(r"\.(?:status|code|sendStatus)\(\s*(?:50\d|HttpStatus\.INTERNAL\w*|StatusCodes\.INTERNAL\w*)\s*\)")
_CHOSEN = re.compile(r"\.(?:status|code)\(|status(?:Code)?\s*[:=](?!\s*50\d)")


@check(
    ERROR_DETAILS,
    on=called("send", "json", "end", "write"),
    bad=(
        "app.get('/x', async (q, res) => {\n  try { await f(); } catch (e) { res.status(500).send(e.message); }\n});\n",
        "app.get('/x', async (q, res) => {\n  try { f(); } catch (error) { res.status(500).json({ error }); }\n});\n",
        "app.get('/x', (q, res) => {\n  try { f(); } catch (e) { res.status(500).json({ e: String(e) }); }\n});\n",
        "db.query(sql, (err, rows) => {\n  if (err) return res.status(500).send(err);\n  res.json(rows);\n});\n",
        "db.query(sql, (err, rows) => {\n  if (err) res.send(`failed: ${err}`);\n});\n",
        "export async function GET() {\n  try { await f(); } catch (e) {\n"
        "    return NextResponse.json({ error: e.message }, { status: 500 });\n  }\n}\n",
    ),
    good=(
        "app.get('/x', async (q, res) => {\n  try { await f(); } catch (e) { res.status(400).send(e.message); }\n});\n",
        "app.get('/x', async (q, res) => {\n  try { await f(); } catch (e) { res.status(500).send('failed'); }\n});\n",
        "app.use((err, req, res, next) => {\n  res.status(err.status || 500).json({ message: err.message });\n});\n",
        "try { f(); } catch (e) { socket.send(e.message); }\n",
        "f.get('/x', (request, reply) => {\n  try { f(); } catch (err) { reply.send(err); }\n});\n",
    ),
)
def message_in_answer(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """The text of an error that nobody expected: of a failure of the server, or where no status was chosen."""
    given = call.child_by_field_name("arguments")
    head = file.text(call.child_by_field_name("function"))[-200:]
    if given is None or not _ANSWER.match(head) or _STACK.search(file.text(given)[:2_000]):
        return
    failed = _BROKEN.search(head) or re.search(r"\bstatus:\s*50\d", file.text(given)[-200:])
    chosen = _CHOSEN.search(head) or re.search(r"\bstatus\w*\s*[:(]", file.text(given) + _before(call, file))
    handed_on = head.startswith("reply") and re.fullmatch(
        r"\(\s*\w+\s*\)", file.text(given)
    )  # Fastify's handler speaks
    if handed_on or (chosen and not failed):
        return
    if any(_is_error(value, file) for value in told(given, file)):
        said = "The answer has the text of whatever went wrong"
        yield Hit(file.head_span(call), said, severity=Severity.LOW)


def _before(call: Node, file: JavaScriptFile) -> str:
    """What stands before it in its block: `ctx.status = 400;`."""
    block = next((a for a in file.ancestors(call) if a.type == "statement_block"), None)
    start = max(block.start_byte, call.start_byte - 300) if block is not None else call.start_byte
    return file.source.encoded[start : call.start_byte].decode("utf-8", "replace")


def _is_error(value: Node, file: JavaScriptFile) -> bool:
    """The caught error itself, its message or its text."""
    if value.type == "call_expression":
        made = file.text(value.child_by_field_name("function"))
        given = value.child_by_field_name("arguments")
        shown = given.named_children[:1] if given is not None and _SHOWS_ERROR.match(made) else []
        value = shown[0] if shown else value.child_by_field_name("function") or value
    name, _, member = file.text(value).partition(".")
    if not _CAUGHT.match(name) or member not in ("", "message", "toString", "sqlMessage", "stack"):
        return False
    for ancestor in file.ancestors(value):
        if ancestor.type == "catch_clause":
            return file.text(ancestor.child_by_field_name("parameter")) == name
        if ancestor.type in ("arrow_function", "function_expression", "function_declaration"):
            taken = ancestor.child_by_field_name("parameters") or ancestor.child_by_field_name("parameter")
            if re.match(rf"\(?\s*{name}\s*[,):]", file.text(taken) + ")"):
                return True
    return False


@check(
    ERROR_DETAILS,
    on=("assignment_expression",),
    bad=("try {\n  f();\n} catch (err) {\n  ctx.body = err.stack;\n}\n",),
    good=("ctx.body = 'failed';\n", "ctx.state.error = err.stack;\n"),
)
def stack_in_body(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    target = file.text(node.child_by_field_name("left"))
    if target not in ("ctx.body", "ctx.response.body", "res.body"):
        return
    value = node.child_by_field_name("right")
    if _STACK.search(file.text(node)[:1_000]):
        yield Hit(file.head_span(node), "The answer shows where the error came from")
        return
    failed = re.search(r"\.status\s*=\s*50\d", _before(node, file))
    if failed and value is not None and any(_is_error(part, file) for part in told(value, file)):
        yield Hit(file.head_span(node), "The answer has the text of whatever went wrong", severity=Severity.LOW)


@check(
    ERROR_DETAILS,
    on=("pair",),
    bad=(
        "exports.handler = async () => {\n  try { f(); } catch (e) { return { statusCode: 500, body: e.stack } }\n};\n",
    ),
    good=("exports.handler = async () => {\n  try { f(); } catch (e) { return { statusCode: 500, body: '' } }\n};\n",),
)
def error_in_result(pair: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """What a cloud function gives back."""
    value = pair.child_by_field_name("value")
    if value is None or file.text(pair.child_by_field_name("key")) != "body" or pair.parent is None:
        return
    if not re.search(r"\bstatusCode:\s*50\d", file.text(pair.parent)[:500]):
        return
    if any(_is_error(part, file) for part in told(value, file)):
        yield Hit(file.head_span(pair), "The answer has the text of whatever went wrong", severity=Severity.LOW)


CHECKS = (stack_in_answer, message_in_answer, stack_in_body, error_in_result, logged_secret)
