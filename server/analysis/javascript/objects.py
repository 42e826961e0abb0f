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
    text = file.text(listener)[:6_000]
    is_worker = "importScripts" in file.source.text or "self.onmessage" in file.source.text
    if ".data" in text and not re.search(r"origin|\.source\b|isTrusted", text) and not is_worker:
        yield Hit(file.head_span(call), "Messages are taken from every window")


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
    if "fileFilter" in file.source.text:
        return
    for member in file.descendants(call, "member_expression"):
        if file.text(member).endswith(".originalname"):
            yield Hit(file.span(member), "An uploaded file is kept under its own name, whatever its type")
            return


CHECKS = (unchecked_origin, kept_name)
