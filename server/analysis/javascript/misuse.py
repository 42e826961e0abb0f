"""Libraries used so that they protect less than they could: ciphers, comparisons, archives, uploads, open tools."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.comparing import COMPARED, compares_signature
from server.analysis.flow.rules import ARCHIVE_EXTRACTION
from server.analysis.javascript.accounts import FUNCTIONS
from server.analysis.javascript.cookies import options
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments
from server.analysis.parsed import called
from server.analysis.python.ciphers import STATIC_NONCE
from server.analysis.python.cookies import SCRIPT_READABLE_COOKIE
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import TIMING_COMPARE
from server.analysis.web.binding import ROLE_FROM_REQUEST
from server.analysis.web.graphql import GRAPHQL_EXPLORER
from server.analysis.web.uploads import UNCHECKED_UPLOAD
from server.reviews.finding import Confidence, Severity

SLOW_PATTERN = Rule(
    "hive.slow-pattern",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "A repeated group that is itself a repetition matches one text in very many ways: a text that almost fits, of some"
    " thirty characters, keeps the process busy for hours.",
    1333,
    in_tests=False,
    also=(730, 400, 185),
    remedy="Repeat once: /^[a-z]+$/ instead of /^([a-z]+)+$/.",
)


@check(
    STATIC_NONCE,
    on=called("createCipheriv"),
    bad=(
        "crypto.createCipheriv('aes-256-cbc', key, '1234567890123456');\n",
        "const iv = Buffer.alloc(16, 0);\nconst c = crypto.createCipheriv('aes-256-cbc', key, iv);\n",
        "crypto.createCipheriv('aes-256-gcm', key, Buffer.from('0011', 'hex'));\n",
    ),
    good=(
        "const iv = crypto.randomBytes(16);\nconst c = crypto.createCipheriv('aes-256-cbc', key, iv);\n",
        "crypto.createCipheriv('aes-256-cbc', key, Buffer.from(parts[0], 'hex'));\n",
        "const iv = Buffer.alloc(12);\ncrypto.randomFillSync(iv);\ncrypto.createCipheriv('aes-256-gcm', key, iv);\n",
        "crypto.createCipheriv('aes-128-ecb', key, '');\n",
    ),
)
def static_nonce(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if len(given) < 3:
        return
    vector = given[2]
    if vector.type == "identifier":
        name = file.text(vector)
        values = file.locals.get(name, [])
        filled = re.compile(rf"random\w*\(\s*{re.escape(name)}|{re.escape(name)}\.(?:write|set|fill|copy)")
        if len(values) != 1 or filled.search(file.source.text):
            return
        vector = values[0]
    if re.fullmatch(
        r"""(['"])[^'"]+\1|Buffer\.alloc\(\d+(?:,\s*\d+)?\)|Buffer\.from\(\s*(['"])[^'"]*\2.*\)""", file.text(vector)
    ):
        yield Hit(file.head_span(call), "The initialization vector is always the same")


_MAKES_SIGNATURE = re.compile(r"\bcreateHmac\(")
_MAC = re.compile(
    r"(?:^|[._])(?:hmac|mac|signature|expected_?signature|digest|computed\w*|expected_?hash)$", re.IGNORECASE
)


@check(
    TIMING_COMPARE,
    on=("binary_expression",),
    bad=(
        "if (hmac === req.headers['x-signature']) ok();\n",
        "const sign = (v) => createHmac('sha256', KEY).update(v).digest('hex');\nif (sign(a) === given) ok();\n",
        "const sign = (v) => createHmac('sha256', KEY).update(v).digest();\nif (given != sign(text(a))) fail();\n",
        "if (signature !== expectedSignature) fail();\n",
        "function f(body, given) {\n  const ours = crypto.createHmac('sha256', key).update(body).digest('hex');\n"
        "  return given === ours;\n}\n",
        "function f(body, given) {\n  const h = crypto.createHmac('sha256', key);\n  h.update(body);\n"
        "  if (given != `sha256=${h.digest('hex')}`) throw new Error();\n}\n",
    ),
    good=(
        "if (crypto.timingSafeEqual(a, b)) ok();\n",
        "if (signature === undefined) fail();\n",
        "if (digest === 'sha256') ok();\n",
        "if (file.digest !== other.size) ok();\n",
        "function f(a) {\n  const ours = crypto.createHmac('sha256', key).update(a).digest();\n"
        "  return ours.length === a.length && crypto.timingSafeEqual(ours, a);\n}\n",
        "const sign = (v) => createHmac('sha256', KEY).update(v).digest();\nif (sign(a) === null) ok();\n",
        "const table = { sum: (a) => createHash('md5').update(a).digest('hex') };\nif (a === b) ok();\n",
    ),
)
def timing_compare(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if compares_signature(node, file, _MAKES_SIGNATURE):
        yield Hit(file.span(node), COMPARED)
        return
    sign = node.child_by_field_name("operator")
    if sign is None or sign.type not in ("===", "!==", "==", "!="):
        return

    one, other = (file.text(node.child_by_field_name(side)) for side in ("left", "right"))
    for mine, theirs in ((one, other), (other, one)):
        made = re.match(r"(?:await\s+)?(?:this\.)?(\w+)\((?:[^()]|\([^()]*\))*\)$", mine)
        if made and not _LITERAL.match(theirs) and _signs(made[1], file):
            yield Hit(file.span(node), COMPARED)
            return
    for mine, theirs in ((one, other), (other, one)):
        if _MAC.search(mine) and re.search(
            r"headers?\b.*signature|^\w*signature$|headers?\[['\"]x-", theirs, re.IGNORECASE
        ):
            yield Hit(file.span(node), COMPARED)
            return


_LITERAL = re.compile(r"(?:null|undefined|true|false|['\"`\d].*)$", re.DOTALL)


def _signs(name: str, file: JavaScriptFile) -> bool:
    """Whether a function of the file by that name gives a signature."""
    head = rf"\b{re.escape(name)}\s*(?:=\s*(?:async\s*)?)?\([^()]*\)[^;(){{}}]{{0,20}}(?:\{{|=>)"
    declared = re.search(head, file.source.text)
    if declared is None or name in ("if", "for", "while", "switch"):
        return False
    body = file.source.text[declared.end() : declared.end() + 300].partition("\n}")[0]
    return "createHmac(" in body and re.search(r"\.digest\(", body) is not None


_ARCHIVES = re.compile(r"['\"](?:unzipper|yauzl|unzip|unzip-stream|adm-zip|jszip|tar-stream|tar|node-stream-zip)['\"]")
_NAME_IN_ARCHIVE = re.compile(r"\b(?:\w*[eE]ntry|file|header|item|member)\.(?:path|fileName|filename|entryName|name)\b")
_CHECKED = re.compile(r"startsWith|indexOf\(|basename|normalize\(|relative\(|includes\(['\"]\.\.|isInside|sanitize")


@check(
    ARCHIVE_EXTRACTION,
    on=called("createWriteStream", "writeFile", "writeFileSync", "outputFile"),
    bad=(
        "const unzipper = require('unzipper');\nstream.on('entry', (entry) => {\n  const name = entry.path;\n"
        "  entry.pipe(fs.createWriteStream('out/' + name));\n});\n",
        "import yauzl from 'yauzl';\n"
        "zip.on('entry', (entry) => fs.writeFileSync(path.join(dir, entry.fileName), data));\n",
        "const tar = require('tar-stream');\nexports.all = (dir) => {\n  extract.on('entry', (header, stream) => {\n"
        "    const to = path.join(dir, header.name);\n    stream.pipe(fs.createWriteStream(to));\n  });\n};\n"
        "exports.checked = (file) => file.startsWith(root);\n",
    ),
    good=(
        "const unzipper = require('unzipper');\nstream.on('entry', (entry) => {\n"
        "  if (!path.resolve(dir, entry.path).startsWith(dir)) return;\n"
        "  fs.createWriteStream(path.join(dir, entry.path));\n"
        "});\n",
        "fs.createWriteStream('out/' + entry.path);\n",
        "import yauzl from 'yauzl';\nfunction safe(entry) {\n  const to = dir + path.basename(entry.fileName);\n"
        "  fs.writeFileSync(to, data);\n}\n",
    ),
)
def unpacked_anywhere(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if not given or not _ARCHIVES.search(file.source.text):
        return
    around = [a for a in file.ancestors(call) if a.type in FUNCTIONS or a.type == "method_definition"]
    if _CHECKED.search(file.text(around[-1] if around else file.tree.root_node)):
        return
    names = [file.text(name) for name in file.descendants(call, "identifier")]
    for _ in range(2):  # `const name = entry.fileName; const target = join(dir, name);`
        values = [value for name in names for value in file.locals.get(name, ())]
        names += [file.text(name) for value in values for name in file.descendants(value, "identifier")]
    texts = [file.text(given[0]), *(file.text(value) for name in set(names) for value in file.locals.get(name, ()))]
    if any(map(_NAME_IN_ARCHIVE.search, texts)):
        yield Hit(file.head_span(call), "The archive says where its files are written")


@check(
    UNCHECKED_UPLOAD,
    on=called("multer"),
    bad=("const upload = multer({ dest: 'public/uploads/' });\n",),
    good=(
        "const upload = multer({ dest: 'uploads/', fileFilter: images });\n",
        "const upload = multer({ storage: multer.memoryStorage() });\n",
        "const upload = multer({ dest: 'uploads/' });\nfunction check(file) { return TYPES.has(file.mimetype); }\n",
    ),
)
def unchecked_upload(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    chosen = options(given[0] if given else None, file)
    if "dest" in chosen and "fileFilter" not in chosen and not re.search(r"mimetype|extname", file.source.text):
        yield Hit(file.head_span(call), "Files of any type are kept", severity=Severity.MEDIUM)


@check(
    SCRIPT_READABLE_COOKIE,
    on=("assignment_expression",),
    bad=("document.cookie = 'token=' + token;\n", "document.cookie = `session=${id}; path=/`;\n"),
    good=("document.cookie = 'theme=dark';\n", "document.cookie = 'token=; max-age=0';\n"),
)
def readable_cookie(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if file.text(node.child_by_field_name("left")) != "document.cookie":
        return
    text = file.text(node.child_by_field_name("right"))
    if re.match(r"['\"`](?:\w*token|jwt|session\w*|auth\w*|sid|access_\w+)=(?:['\"]\s*\+|\$\{)", text, re.IGNORECASE):
        yield Hit(file.head_span(node), "A cookie that scripts make is one that scripts read")


@check(
    GRAPHQL_EXPLORER,
    on=called("ApolloServer", "graphqlHTTP", "createYoga", "forRoot"),
    bad=(
        "const s = new ApolloServer({ typeDefs, introspection: true, playground: true });\n",
        "app.use('/g', graphqlHTTP({ schema, graphiql: true }));\n",
        "GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, playground: true });\n",
    ),
    good=("const s = new ApolloServer({ typeDefs, introspection: DEVELOPMENT });\n",),
)
def open_explorer(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    chosen = options(given[0] if given else None, file)
    for name in ("introspection", "playground", "graphiql"):
        value = chosen.get(name)
        if value is not None and value.type == "true":
            yield Hit(file.span(value), f"{name} is on for everybody", severity=Severity.LOW, evidence=f"{name}: true")
            return


@check(
    ROLE_FROM_REQUEST,
    on=("pair",),
    bad=("await User.create({ name, role: req.body.role });\n", "const user = { isAdmin: req.body.isAdmin };\n"),
    good=(
        "await User.create({ name, role: 'user' });\n",
        "router.post('/users', requireAdmin, (req, res) => User.create({ role: req.body.role }));\n",
        "const query = { title: req.body.title };\n",
    ),
)
def chosen_role(pair: Node, file: JavaScriptFile) -> Iterator[Hit]:
    key, value = file.text(pair.child_by_field_name("key")), pair.child_by_field_name("value")
    if not re.fullmatch(r"role|roles|isAdmin|is_admin|admin|isSuperuser|permissions", key) or value is None:
        return
    if not re.match(r"(?:req|request|ctx(?:\.request)?)\.(?:body|query)\.\w+$", file.text(value)):
        return
    around = [a for a in file.ancestors(pair) if a.type in ("call_expression", "function_declaration")]
    if not any(re.search(r"admin", file.text(a)[:300].replace(file.text(pair), ""), re.IGNORECASE) for a in around):
        yield Hit(file.head_span(pair), "Whoever sends the request chooses the role", confidence=Confidence.MEDIUM)


_NESTED = re.compile(r"\((?:\?:)?(?:\[(?:[^\]\\]|\\.){1,100}\]|\\[wdsWDS]|[a-zA-Z.]|\(\[[^\]]{1,60}\]\))[+*]\)[+*]")


@check(
    SLOW_PATTERN,
    on=("regex",),
    bad=("const MAIL = /^([a-zA-Z0-9]+)+@x$/;\n", "if (/^(\\w+)*$/.test(q)) f();\n", "const a = /^(?:[a-z]*)+!/;\n"),
    good=("const MAIL = /^[a-z]+@x$/;\n", "const A = /^(?:[a-z]+\\.)+x$/;\n", "const B = /(ab)+/;\n"),
)
def slow_pattern(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Only where something has to follow: without that, the first way to match is the last."""
    pattern = file.text(node.child_by_field_name("pattern"))
    found = _NESTED.search(pattern)
    if found is not None and found.end() < len(pattern):
        yield Hit(file.span(node), "The pattern has very many ways to match one text")


CHECKS = (
    static_nonce,
    timing_compare,
    unpacked_anywhere,
    unchecked_upload,
    readable_cookie,
    open_explorer,
    chosen_role,
    slow_pattern,
)
