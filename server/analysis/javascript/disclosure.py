"""What gets out that should not: the inside of errors to clients, secrets to logs."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.file import JavaScriptFile
from server.analysis.parsed import called
from server.analysis.python.logs import LOGGED_SECRET
from server.analysis.rule import Hit, check
from server.analysis.web.disclosure import ERROR_DETAILS
from server.reviews.finding import Confidence

_STACK = re.compile(r"\b(?:err|error|e|ex|exception)\.stack\b|\butil\.inspect\((?:err|error|e)\b")
_ANSWER = re.compile(r"^(?:res|response|reply|ctx)\b|^NextResponse\.|^Response\.")


@check(
    ERROR_DETAILS,
    on=called("send", "json", "end", "write", "render"),
    bad=(
        "app.use((err, req, res, next) => {\n  res.status(500).send('<pre>' + err.stack + '</pre>');\n});\n",
        "res.json({ error: e.message, stack: e.stack });\n",
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
    if not _STACK.search(given) or re.search(r"\?[^.]|&&|env\b", given, re.IGNORECASE):
        return
    around = next((a for a in file.ancestors(call) if a.type == "if_statement"), None)
    if around is not None and re.search(
        r"dev|debug|env|prod", file.text(around.child_by_field_name("condition")), re.I
    ):
        return
    yield Hit(file.head_span(call), "The answer shows where the error came from")


_SECRET = re.compile(
    r"^(?:\w*_)?(?:password|passwd|pwd|passphrase|secret|secretkey|apikey|api_key|privatekey|accesstoken|refreshtoken"
    r"|authtoken|resettoken|sessiontoken|jwt|otp|cvv|ssn|cardnumber|creditcard|clientsecret|credentials)\d?$"
)
_PLAIN_TOKEN = re.compile(r"^token$")
_LOGS = re.compile(
    r"^(?:console|logger|log|winston|this\.logger|(?:req|request|app|fastify|server|ctx)\.log)\.(?:log|info|debug|warn|error|trace)$"
)


@check(
    LOGGED_SECRET,
    on=called("log", "info", "debug", "warn", "error", "trace"),
    bad=(
        "console.log('login', user, password);\n",
        "logger.info(`password of ${name}: ${user.password}`);\n",
        "console.log('reset token for', req.body.email, token);\n",
        "console.log(req.body.password);\n",
        "const jwt = sign(a);\nlogger.debug('made ' + accessToken);\n",
    ),
    good=(
        "console.log('password changed');\n",
        "console.log(password.length);\n",
        "logger.info('token', mask(token));\n",
        "console.log(tokens, token.type);\n",
        "console.log('next token', token);\n",
    ),
)
def logged_secret(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if not _LOGS.match(file.callee(call)):
        return
    given = call.child_by_field_name("arguments")
    for node in _values_in(given) if given is not None else ():
        name = file.text(node.child_by_field_name("property") or node)
        plain = name.replace("_", "").lower()
        told = _PLAIN_TOKEN.match(plain) and re.search(
            r"reset|verif|confirm|auth|session|login|jwt|access", file.text(given), re.I
        )
        if _SECRET.match(plain) or told:
            yield Hit(file.head_span(call), f"{name} is written to the log", confidence=Confidence.MEDIUM)
            return


def _values_in(node: Node) -> Iterator[Node]:
    """Names and members that become part of the text, not what is handed to functions."""
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if at.type in ("identifier", "member_expression", "shorthand_property_identifier"):
            yield at
        elif at.type in (
            "arguments",
            "template_string",
            "template_substitution",
            "binary_expression",
            "object",
            "pair",
        ):
            waiting.extend(at.named_children if at.type != "pair" else at.named_children[1:])


@check(
    ERROR_DETAILS,
    on=("assignment_expression",),
    bad=("try {\n  f();\n} catch (err) {\n  ctx.body = err.stack;\n}\n",),
    good=("ctx.body = 'failed';\n", "ctx.state.error = err.stack;\n"),
)
def stack_in_body(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    target = file.text(node.child_by_field_name("left"))
    if target in ("ctx.body", "ctx.response.body", "res.body") and _STACK.search(file.text(node)[:1_000]):
        yield Hit(file.head_span(node), "The answer shows where the error came from")


CHECKS = (stack_in_answer, stack_in_body, logged_secret)
