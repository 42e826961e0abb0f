"""Messages and files of strangers: taken from any window, kept under their own name."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.accounts import FUNCTIONS
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments
from server.analysis.parsed import called
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.web.uploads import UNCHECKED_UPLOAD
from server.reviews.finding import Confidence, Severity

UNCHECKED_ORIGIN = Rule(
    "hive.unchecked-origin",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Any page that opens or frames this one can send it messages: nothing asks where this one comes from.",
    346,
    in_tests=False,
    also=(942, 345, 940, 1385),
    remedy="Compare event.origin with the origins that may send, before anything else.",
)


@check(
    UNCHECKED_ORIGIN,
    on=called("addEventListener"),
    bad=(
        "window.addEventListener('message', (event) => {\n  show(event.data);\n});\n",
        "const onMessage = (e) => {\n  run(e.data);\n};\nwindow.addEventListener('message', onMessage);\n",
    ),
    good=(
        "window.addEventListener('message', (event) => {\n"
        "  if (event.origin !== SITE) return;\n"
        "  show(event.data);\n"
        "});\n",
        "worker.addEventListener('message', (event) => show(event.data));\n",
        "window.addEventListener('message', (event) => {\n"
        "  if (event.source !== frame) return;\n"
        "  show(event.data);\n"
        "});\n",
        "window.addEventListener('message', imported);\n",
        "window.addEventListener('click', (event) => show(event.data));\n",
    ),
)
def unchecked_origin(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if len(given) < 2 or file.text(given[0])[1:-1] != "message":
        return
    if file.callee(call) not in ("addEventListener", "window.addEventListener", "globalThis.addEventListener"):
        return
    listener: Node | None = given[1]
    if given[1].type == "identifier":
        name = file.text(given[1])
        declared = (f for f in file.nodes("function_declaration") if file.text(f.child_by_field_name("name")) == name)
        listener = next((value for value in file.locals.get(name, ()) if value.type in FUNCTIONS), next(declared, None))
    if _asks_nobody(listener, file):
        yield Hit(file.head_span(call), "Messages are taken from every window")


def _asks_nobody(listener: Node | None, file: JavaScriptFile) -> bool:
    text = file.text(listener)[:6_000]
    is_worker = "importScripts" in file.source.text or "self.onmessage" in file.source.text
    return ".data" in text and not re.search(r"origin|\.source\b|isTrusted", text) and not is_worker


@check(
    UNCHECKED_ORIGIN,
    on=("assignment_expression",),
    bad=("window.onmessage = function (e) {\n  show(e.data);\n};\n",),
    good=(
        "window.onmessage = (e) => {\n  if (e.origin !== SITE) return;\n  show(e.data);\n};\n",
        "worker.onmessage = (e) => show(e.data);\n",
        "self.onmessage = (e) => show(e.data);\n",
    ),
)
def unchecked_listener(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    listener = node.child_by_field_name("right")
    is_window = file.text(node.child_by_field_name("left")) == "window.onmessage"
    if is_window and listener is not None and listener.type in FUNCTIONS and _asks_nobody(listener, file):
        yield Hit(file.head_span(node), "Messages are taken from every window")


@check(
    UNCHECKED_UPLOAD,
    on=called("diskStorage"),
    bad=("const s = multer.diskStorage({\n  filename: (req, file, cb) => cb(null, file.originalname),\n});\n",),
    good=(
        "const s = multer.diskStorage({\n  filename: (req, file, cb) => cb(null, randomUUID()),\n});\n",
        "const s = multer.diskStorage({\n  filename: (req, file, cb) => cb(null, file.originalname),\n});\n"
        "const u = multer({ storage: s, fileFilter });\n",
    ),
)
def kept_name(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if _is_filtered(call, file):
        return
    for member in file.descendants(call, "member_expression"):
        if file.text(member).endswith(".originalname"):
            yield Hit(file.span(member), "An uploaded file is kept under its own name, whatever its type")
            return


def _is_filtered(call: Node, file: JavaScriptFile) -> bool:
    """Whether what takes the files into this storage asks for their type."""
    text = file.source.text
    if "fileFilter" not in text:
        return False
    holder = call.parent
    name = file.text(holder.child_by_field_name("name")) if holder is not None else ""
    if holder is not None and holder.type == "variable_declarator" and name.isidentifier():
        uses = (use.end() for use in re.finditer(rf"\bstorage\s*:\s*{name}\b|\bstorage\s*,", text))
        return any("fileFilter" in text[end : end + 300].partition("})")[0] for end in uses)
    return True


_LOOKS_AT_TYPE = re.compile(
    r"mimetype|allowed|\bfileFilter|extname\([^)]*\)[^;]{0,80}(?:===|!==|includes|has\(|test\()", re.I
)


@check(
    UNCHECKED_UPLOAD,
    on=called("mv"),
    bad=(
        "app.post('/a', (req, res) => {\n  const f = req.files.f;\n  f.mv('public/' + f.name, done);\n});\n",
        "app.post('/a', (req, res) => {\n  const f = req.files.f;\n  f.mv(DIR + id + path.extname(f.name));\n});\n",
    ),
    good=(
        "app.post('/a', (req, res) => {\n  if (req.files.f.mimetype !== 'image/png') return;\n"
        "  req.files.f.mv('public/' + req.files.f.name);\n});\n",
        "app.post('/a', (req, res) => {\n  req.files.f.mv(DIR + id + '.png');\n});\n",
        "shell.mv(file.name, target);\n",
    ),
)
def moved_upload(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """What express-fileupload keeps, under a name or an end of a name that its sender chose."""
    around = next((a for a in file.ancestors(call) if a.type in FUNCTIONS), None)
    text = file.text(around)[:6_000]
    if around is None or "req.files" not in text or _LOOKS_AT_TYPE.search(text):
        return
    if re.search(r"\b(?:\w+\.)*\w+\.name\b", text):
        yield Hit(file.head_span(call), "An uploaded file is kept, whatever its type")


CHECKS = (moved_upload, unchecked_listener, unchecked_origin, kept_name)
