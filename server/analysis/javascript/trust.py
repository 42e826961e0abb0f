"""Cryptography and trust: certificates, tokens, passwords, random numbers, origins."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.config.properties import LISTED_DIRECTORY
from server.analysis.javascript.cookies import options
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments
from server.analysis.parsed import called
from server.analysis.python.hashes import WEAK_HASH
from server.analysis.rule import Hit, check
from server.analysis.rules import PERMISSIVE_CORS, TLS_UNVERIFIED, UNVERIFIED_TOKEN, WEAK_CIPHER, WEAK_PASSWORD_HASH
from server.analysis.text.credentials import HARDCODED_KEY
from server.reviews.finding import Confidence, Edit, Fix, Severity


@check(
    TLS_UNVERIFIED,
    on=("pair",),
    bad=("https.request({ host, rejectUnauthorized: false });\n",),
    good=("https.request({ host, rejectUnauthorized: true });\n", "const a = { rejectUnauthorized: strict };\n"),
)
def unverified_option(pair: Node, file: JavaScriptFile) -> Iterator[Hit]:
    value = pair.child_by_field_name("value")
    if (
        file.text(pair.child_by_field_name("key")).strip("'\"") == "rejectUnauthorized"
        and value is not None
        and value.type == "false"
    ):
        fix = Fix("Check certificates", (Edit(*file.span(value), "true"),), safe=False)
        yield Hit(file.span(pair), "The check of certificates is turned off", fix)


@check(
    TLS_UNVERIFIED,
    on=called("createProxyMiddleware", "createProxyServer", "createProxy", "proxy"),
    bad=("app.use(createProxyMiddleware({ target, secure: false }));\n",),
    good=("app.use(createProxyMiddleware({ target, secure: true }));\n", "proxy({ cookie: { secure: false } });\n"),
)
def unverified_proxy(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    value = options(given[-1] if given else None, file).get("secure")
    if value is not None and value.type == "false":
        yield Hit(file.span(value), "The check of certificates is turned off", evidence="secure: false")


@check(
    TLS_UNVERIFIED,
    on=("assignment_expression",),
    bad=("process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';\n", "process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = 0;\n"),
    good=("process.env.NODE_TLS_REJECT_UNAUTHORIZED = '1';\n",),
)
def unverified_process(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    if "NODE_TLS_REJECT_UNAUTHORIZED" in file.text(target) and file.text(value).strip("'\"`") == "0":
        yield Hit(file.span(node), "No connection of this process checks certificates")


@check(
    WEAK_PASSWORD_HASH,
    on=called("update"),
    bad=(
        "crypto.createHash('md5').update(password).digest('hex');\n",
        "createHash('sha256').update(user.password).digest();\n",
        "createHash('sha1').update(pass).digest('hex');\n",
    ),
    good=("crypto.createHash('md5').update(body).digest('hex');\n", "crypto.scryptSync(password, salt, 64);\n"),
)
def weak_password_hash(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    chain, given = file.text(call.child_by_field_name("function")), arguments(call)
    made = re.search(r"createHash\(\s*['\"](\w+)", chain)
    if made and given and re.search(r"passw(?:or)?d\b|passphrase|\bpass\b|\bpwd\b", file.text(given[0]), re.IGNORECASE):
        weak = made[1].lower() in ("md5", "sha1")
        yield Hit(
            file.head_span(call),
            f"A password is hashed with {made[1]}",
            severity=Severity.HIGH if weak else Severity.MEDIUM,
        )


@check(
    WEAK_CIPHER,
    on=called("createCipheriv", "createDecipheriv", "createCipher", "createDecipher"),
    bad=(
        "crypto.createCipheriv('aes-128-ecb', key, null);\n",
        "crypto.createCipheriv('des-cbc', key, iv);\n",
        "crypto.createCipher('aes-256-cbc', pass);\n",
    ),
    good=("crypto.createCipheriv('aes-256-gcm', key, iv);\n",),
)
def weak_cipher(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    name = file.callee(call).rpartition(".")[2]
    if name in ("createCipher", "createDecipher") and "crypto" in file.source.text:
        yield Hit(file.head_span(call), f"{name}() derives the key with MD5 and no salt")
    elif given and re.search(r"^['\"](?:des|rc4|rc2|bf|.*-ecb)", file.text(given[0]).lower()):
        yield Hit(file.head_span(call), "A broken cipher or mode")


@check(
    UNVERIFIED_TOKEN,
    on=called("verify", "sign"),
    bad=(
        "jwt.verify(token, key, { algorithms: ['none'] });\n",
        "jwt.verify(token, null, { algorithms: ['HS256', 'none'] });\n",
    ),
    good=("jwt.verify(token, key, { algorithms: ['RS256'] });\n", "jwt.verify(token, key);\n"),
)
def unverified_token(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if (
        "jwt" in file.callee(call).lower()
        and len(given) > 2
        and re.search(r"algorithms?\s*:[^}]*['\"]none['\"]", file.text(given[2]))
    ):
        yield Hit(file.head_span(call), "Tokens without a signature are accepted")


_ANY_ORIGIN = re.compile(
    r"\borigin\s*:\s*(?:true\b|\[?\s*['\"]\*['\"]|\(?\s*(?P<same>\w+)\s*\)?\s*=>\s*(?P=same)\s*[,}]"
    r"|\(?\s*(?P<asked>\w+)\s*\)?\s*=>\s*(?P=asked)(?:\.request)?(?:\.(?:get|header)\(\s*['\"][oO]rigin|\.headers?\.origin)"
    r"|(?:function\s*)?\(\s*(?P<given>\w+)\s*,\s*(?P<told>\w+)\s*\)\s*(?:=>)?\s*\{?\s*(?:return\s+)?(?P=told)\(\s*null\s*,\s*(?P=given)\s*\)"
    r"|(?:function\s*)?\(\s*\w+\s*,\s*(?P<answer>\w+)\s*\)\s*(?:=>)?\s*\{?\s*(?:return\s+)?(?P=answer)\(\s*null\s*,\s*true\s*\))"
)


@check(
    PERMISSIVE_CORS,
    on=called("cors", "register", "enableCors", "create", "server", "Server"),
    bad=(
        "app.use(cors({ origin: '*', credentials: true }));\n",
        "app.use(cors({ origin: true, credentials: true }));\n",
        "app.register(require('@fastify/cors'), { origin: true, credentials: true });\n",
        "app.enableCors({ origin: '*', credentials: true });\n",
        "const app = await NestFactory.create(AppModule, { cors: { origin: true, credentials: true } });\n",
        "app.use(cors({ origin: (origin, cb) => cb(null, true), credentials: true }));\n",
        "app.use(cors({ origin: function (o, done) { done(null, true); }, credentials: true }));\n",
        "app.use(cors({ origin: (origin, done) => done(null, origin), credentials: true }));\n",
        "app.use('*', cors({ origin: (origin) => origin, credentials: true }));\n",
        "const s = Hapi.server({ port, routes: { cors: { origin: ['*'], credentials: true } } });\n",
        "app.use(cors({ origin: (ctx) => ctx.get('Origin'), credentials: true }));\n",
    ),
    good=(
        "app.use(cors());\n",
        "const item = await Item.create({ origin: true, credentials: true });\n",
        "app.use(cors({ origin: 'https://a.example', credentials: true }));\n",
        "app.use(cors({ origin: (o, cb) => cb(null, KNOWN.has(o)), credentials: true }));\n",
    ),
)
def permissive_cors(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    options = file.text(call.child_by_field_name("arguments"))[:2_000]
    if file.callee(call).endswith(("register", "create", "server", "Server")) and "cors" not in options.lower():
        return
    if _ANY_ORIGIN.search(options) and re.search(r"\bcredentials\s*:\s*true", options):
        yield Hit(file.head_span(call), "Any origin may send requests with cookies")


@check(
    PERMISSIVE_CORS,
    on=("variable_declarator",),
    bad=(
        "export const corsPolicy = {\n  origin: (origin, done) => done(null, origin),\n  credentials: true,\n};\n",
        "const options: CorsOptions = { origin: true, credentials: true };\n",
    ),
    good=(
        "const corsOptions = { origin: KNOWN, credentials: true };\n",
        "const corsOptions = { origin: '*' };\n",
        "const item = { origin: true, credentials: true };\n",
    ),
)
def permissive_options(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Options that are written apart from where they are used."""
    value, name = node.child_by_field_name("value"), node.child_by_field_name("name")
    named = f"{file.text(name)}{file.text(node.child_by_field_name('type'))}"
    if value is None or value.type != "object" or not re.search(r"cors", named, re.IGNORECASE):
        return
    text = file.text(value)[:2_000]
    if _ANY_ORIGIN.search(text) and re.search(r"\bcredentials\s*:\s*true", text):
        yield Hit(file.head_span(node), "Any origin may send requests with cookies")


@check(
    HARDCODED_KEY,
    on=("assignment_expression",),
    bad=("app.keys = ['a-session-key'];\n",),
    good=("app.keys = [process.env.KEY];\n", "app.keys = KEYS;\n", "table.keys = ['a', 'b'];\n"),
)
def written_keys(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Koa signs its cookies with them."""
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    if file.text(target) not in ("app.keys", "server.keys") or value is None or value.type != "array":
        return
    if any(child.type == "string" for child in value.named_children):
        yield Hit(file.span(value), "The keys of the cookies' signatures stand in the code", evidence="app.keys")


_PROTECTS = re.compile(
    r"passw|token|secret|signature|\bsign|auth|session|verif|reset|credential|api_?key|\.hash$", re.IGNORECASE
)


@check(
    WEAK_HASH,
    on=called("createHash", "createHmac"),
    bad=(
        "const token = crypto.createHash('md5').update(user.email + Date.now()).digest('hex');\n",
        "function sign(body) {\n  return createHash('sha1').update(body + key).digest('hex');\n}\n",
    ),
    good=(
        "const etag = crypto.createHash('md5').update(body).digest('hex');\n",
        "const token = crypto.createHash('sha256').update(a).digest('hex');\n",
        "const digest = crypto.createHash('md5').update(password).digest('hex');\n",
        "const mac = crypto.createHmac('sha1', key).update(token).digest('hex');\n",
    ),
)
def weak_hash(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Where what surrounds it says that something is protected; of passwords another check tells."""
    given = arguments(call)
    if not given or file.text(given[0])[1:-1].lower() not in ("md5", "sha1", "md4", "ripemd160"):
        return
    if file.callee(call).endswith("createHmac"):
        return
    for ancestor in file.ancestors(call):
        if not ancestor.type.endswith(("declarator", "declaration", "definition", "assignment_expression")):
            continue
        name = file.text(ancestor.child_by_field_name("name") or ancestor.child_by_field_name("left"))
        if _PROTECTS.search(name) and not re.search(r"passw", file.text(ancestor)[:2_000], re.IGNORECASE):
            yield Hit(file.head_span(call), f"{file.text(given[0])[1:-1]} protects {name}")
            return


@check(
    LISTED_DIRECTORY,
    on=called("serveIndex"),
    bad=("app.use('/files', serveIndex('files'));\n",),
    good=("app.use('/files', express.static('files'));\n",),
)
def listed_directory(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    yield Hit(file.head_span(call), "Everybody may see which files there are", confidence=Confidence.MEDIUM)


CHECKS = (
    weak_hash,
    listed_directory,
    written_keys,
    unverified_option,
    unverified_process,
    unverified_proxy,
    weak_password_hash,
    weak_cipher,
    unverified_token,
    permissive_cors,
    permissive_options,
)
