"""Windows of Electron: pages that may do what programs may, and addresses that are handed to the system."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.accounts import handler_of
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments, is_constant
from server.analysis.parsed import called
from server.analysis.python.tls import CLEAR_TEXT
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import TLS_UNVERIFIED
from server.reviews.finding import Confidence, Severity

POWERFUL_PAGE = Rule(
    "hive.powerful-page",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.MEDIUM,
    "A script that gets into the page, by one cross-site scripting, reads files and starts programs.",
    1188,
    in_tests=False,
    also=(829, 94, 79, 693, 16, 250, 269, 346, 653),
    remedy="Leave nodeIntegration off and contextIsolation and webSecurity on; the rest belongs into a preload.",
)
UNCHECKED_OPENING = Rule(
    "hive.unchecked-opening",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "The system opens an address with whatever program its scheme names: file:, smb: and others start programs.",
    939,
    in_tests=False,
    also=(88, 78, 601, 20, 829, 668),
    remedy="Parse the address and open it only where its protocol is https: (or mailto:).",
)

_POWERS = {
    "nodeIntegration": "true",
    "nodeIntegrationInSubFrames": "true",
    "nodeIntegrationInWorker": "true",
    "enableRemoteModule": "true",
    "allowRunningInsecureContent": "true",
    "contextIsolation": "false",
    "webSecurity": "false",
}


@check(
    POWERFUL_PAGE,
    on=("pair",),
    bad=(
        "const w = new BrowserWindow({ webPreferences: { nodeIntegration: true } });\n",
        "const options = { webPreferences: { contextIsolation: false } };\n",
    ),
    good=(
        "const w = new BrowserWindow({ webPreferences: { nodeIntegration: false, contextIsolation: true } });\n",
        "const options = { nodeIntegration: true };\n",
    ),
)
def powerful_page(pair: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """The first of such settings speaks for the window; that it may read any site is another matter."""
    if file.text(pair.child_by_field_name("key")).strip("'\"") != "webPreferences":
        return
    told = set()
    for inner in file.descendants(pair, "pair"):
        key, value = file.text(inner.child_by_field_name("key")), file.text(inner.child_by_field_name("value"))
        matter = key.strip("'\"") in _OF_SITES
        if _POWERS.get(key.strip("'\"")) == value and matter not in told:
            told.add(matter)
            yield Hit(file.span(inner), f"The page runs with {key}: {value}")


_OF_SITES = frozenset({"webSecurity", "allowRunningInsecureContent"})


@check(
    CLEAR_TEXT,
    on=called("loadURL", "WebSocket", "getScript"),
    bad=(
        "win.loadURL('http://app.acme.io');\n",
        "$.getScript('http://cdn.acme.io/a.js');\n",
        "const ws = new WebSocket('ws://chat.acme.io/' + room);\n",
    ),
    good=(
        "win.loadURL('https://app.acme.io');\n",
        "win.loadURL('http://localhost:3000');\n",
        "const ws = new WebSocket('wss://chat.acme.io/' + room);\n",
        "const ws = new WebSocket('ws://127.0.0.1:8080');\n",
        "const ws = new WebSocket(`ws://${location.host}/chat`);\n",
    ),
)
def clear_text(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    address = file.text(given[0])[:200] if given else ""
    if re.match(r"['\"`](?:http|ws)://(?!localhost|127\.|0\.0\.0\.0|\[|\$|['\"`])[\w-]+\.[\w.-]+", address):
        yield Hit(
            file.head_span(call), "Whoever is on the way reads and changes what is said here", severity=Severity.LOW
        )


_CHECKS_ADDRESS = re.compile(
    r"https?:|protocol|startsWith|allow|safe|valid|trusted|\.test\(|hostname|includes\(", re.IGNORECASE
)


@check(
    UNCHECKED_OPENING,
    on=called("openExternal"),
    bad=(
        "const { shell } = require('electron');\nw.setWindowOpenHandler(({ url }) => {\n  shell.openExternal(url);\n"
        "  return { action: 'deny' };\n});\n",
    ),
    good=(
        "const { shell } = require('electron');\nfunction open(url) {\n"
        "  if (new URL(url).protocol === 'https:') shell.openExternal(url);\n}\n",
        "const { shell } = require('electron');\nfunction help() {\n  shell.openExternal('https://a.example');\n}\n",
        "const { shell } = require('electron');\nfunction help() {\n  shell.openExternal(LINKS.help);\n}\n",
    ),
)
def unchecked_opening(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    around = handler_of(call, file)
    if not given or given[0].type != "identifier" or is_constant(given[0], file) or around is None:
        return
    if "electron" not in file.source.text or not file.callee(call).endswith("shell.openExternal"):
        return
    name, text = file.text(given[0]), file.text(around)[:4_000]
    is_parameter = re.search(rf"\b{re.escape(name)}\b", text.partition("=>")[0].partition(") {")[0]) is not None
    if is_parameter and not _CHECKS_ADDRESS.search(text):
        yield Hit(file.head_span(call), f"The system opens {name}, whatever its scheme")


@check(
    TLS_UNVERIFIED,
    on=called("on"),
    bad=(
        "app.on('certificate-error', (event, contents, url, error, certificate, callback) => {\n"
        "  event.preventDefault();\n  callback(true);\n});\n",
    ),
    good=(
        "app.on('certificate-error', (event, contents, url, error, certificate, callback) => {\n"
        "  callback(certificate.fingerprint === OURS);\n});\n",
        "app.on('certificate-error', (event, contents, url, error, certificate, callback) => {\n"
        "  if (certificate.fingerprint === OURS) {\n    callback(true);\n  }\n});\n",
    ),
)
def accepted_certificate(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if len(given) != 2 or file.text(given[0])[1:-1] != "certificate-error":
        return
    text = file.text(given[1])[:2_000]
    if re.search(r"\b\w+\(\s*true\s*\)", text) and not re.search(r"\bif\b|\?|fingerprint", text):
        yield Hit(file.head_span(call), "Every certificate is accepted")


CHECKS = (powerful_page, clear_text, unchecked_opening, accepted_certificate)
