"""What a change takes away from the users of a library in JavaScript, TypeScript or Go. Of Python: `public_api.py`.

Only of names that the library offers: those that the `index` of a package hands on, and those of a Go package that
others may import. What the change log tells of, and what was deprecated before, is nobody's surprise.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.change.exports import Exported, Exports, exports_of, package_of
from server.analysis.change.public_api import CHANGED_SIGNATURE, REMOVED_NAME, is_told_of
from server.analysis.language import Language, is_test_path
from server.analysis.project import Found
from server.analysis.rule import Hit, Problem
from server.analysis.source import Source

_ASIDE = frozenset(
    {
        "examples",
        "example",
        "docs",
        "scripts",
        "tools",
        "benchmarks",
        "bench",
        "internal",
        "cmd",
        "demo",
        "app",
        "pages",
    }
)
_APPLICATION = re.compile(
    r"^(?:src/)?(?:main\.go|main\.[jt]sx?|App\.[jt]sx|server\.[jt]s|app\.[jt]s)$|^cmd/|^(?:next|nuxt|vite|angular)\.config\.|"
    r"^(?:src/)?(?:app|pages)/[^/]+\.[jt]sx$"
)
_INDEX = re.compile(r"^(?:(?:packages|libs)/[^/]+/)?(?:src/|lib/)?(?:index|mod)\.[cm]?[jt]sx?$")
_HANDED_ON = re.compile(
    r"export\s*(?:type\s*)?(?P<what>\*(?:\s*as\s+\w+)?|\{[^}]*\})\s*from\s*[\"'](?P<where>\.[^\"']*)[\"']"
)


def find(change: Change, budget: Budget) -> Iterator[Found]:
    if is_told_of(change) or any(_APPLICATION.search(path) for path in change.project_paths):
        return
    for file in change.files:
        budget.spend()
        if file.before is None or is_test_path(file.path) or _ASIDE.intersection(PurePosixPath(file.path).parts[:-1]):
            continue
        before = exports_of(file.before)
        after = exports_of(file.after) if before is not None and before.names else None
        if before is None or after is None or not after.is_whole:
            continue
        is_go = file.after.language is Language.GO
        offered = _offered_by_go(before, after) if is_go else _handed_on(change, file, before)
        elsewhere = _in_package(change, file) if is_go else set[str]()
        gone = {name: one for name, one in before.names.items() if name in offered and name not in elsewhere}
        yield from (Found(file.path, problem) for problem in _broken(gone, before, after))


def _broken(offered: Mapping[str, Exported], before: Exports, after: Exports) -> Iterator[Problem]:
    for name, was in offered.items():
        now = after.names.get(name)
        if "deprecated" in _said_above(before, was).lower():
            continue
        if now is None:
            yield Problem(
                REMOVED_NAME, Hit(after.file.source.line_span(1), f"{name} was public and is gone", evidence=name)
            )
        elif was.needs is not None and now.needs is not None and (why := _refused(was, now)):
            hit = Hit(after.file.head_span(now.node), f"{name}(): {why}", evidence=f"{name}: {why}")
            yield Problem(CHANGED_SIGNATURE, hit)


def _refused(was: Exported, now: Exported) -> str:
    """Why calls that were right before are not any more; "" when they still are."""
    if was.takes or now.takes:
        is_wider = now.takes.startswith(f"{was.takes}, ...") or (was.takes == "nothing" and now.takes.startswith("..."))
        same = was.takes == now.takes or (is_wider and now.takes.count(",") <= was.takes.count(",") + 1)
        return "" if same else f"takes {now.takes} now, not {was.takes}"
    assert was.needs is not None
    assert now.needs is not None
    more = now.needs[len(was.needs) :]
    return f"{', '.join(more)} must be given now" if more else ""


def _said_above(exports: Exports, exported: Exported) -> str:
    """The definition's first lines and the comment above it."""
    line = exports.file.span(exported.node).start_line
    return "\n".join(exports.file.source.line(number) for number in range(max(1, line - 12), line + 2))


def _offered_by_go(before: Exports, after: Exports) -> set[str]:
    """Of a package that others can import; a `main` is a program, and other names than capitalized ones are its own."""
    package = package_of(before.file)
    if package in ("main", "") or package != package_of(after.file):
        return set()
    return {name for name in before.names if all(part[:1].isupper() for part in name.split("."))}


def _in_package(change: Change, changed: ChangedFile) -> set[str]:
    """Names of the other files of the package's folder, after the change."""
    folder = PurePosixPath(changed.path).parent
    texts = {**change.around, **{file.path: file.after.text for file in change.files}}
    names: set[str] = set()
    for path, text in texts.items():
        if path != changed.path and path.endswith(".go") and PurePosixPath(path).parent == folder:
            exports = exports_of(Source.of(path, text))
            names.update(exports.names if exports is not None else ())
    return names


def _handed_on(change: Change, file: ChangedFile, before: Exports) -> set[str]:
    """The names of the module that an index of the package hands on, or its own when it is one."""
    if _INDEX.match(file.path):
        return set(before.names)
    offered: set[str] = set()
    for path, text in _indexes(change):
        for found in _HANDED_ON.finditer(text):
            if _leads_to(path, found["where"], file.path):
                names = re.findall(r"(\w+)(?:\s+as\s+\w+)?\s*(?:[,}])", found["what"])
                offered |= set(before.names) - {"default"} if found["what"].startswith("*") else set(names)
    return offered


def _indexes(change: Change) -> Iterator[tuple[str, str]]:
    """As they were before the change."""
    for file in change.files:
        if _INDEX.match(file.path) and file.before is not None:
            yield file.path, file.before.text
    yield from ((path, text) for path, text in change.around.items() if _INDEX.match(path))


def _leads_to(index: str, where: str, path: str) -> bool:
    parts: list[str] = [*PurePosixPath(index).parent.parts]
    for part in where.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    target = re.sub(r"\.[cm]?[jt]sx?$", "", "/".join(parts))
    return re.sub(r"(?:/index)?\.[cm]?[jt]sx?$", "", path) == target


_TS = {"src/index.ts": 'export { get, Client } from "./api";\n'}
_GO = "package api\n\n{}\n"


def _go(before: str, after: str) -> Edited:
    return Edited({"api/api.go": _GO.format(before)}, {"api/api.go": _GO.format(after)})


public_exports = ChangeCheck(
    "public-exports",
    (REMOVED_NAME, CHANGED_SIGNATURE),
    find,
    bad=(
        (
            REMOVED_NAME,
            Edited({"src/api.ts": "export function get() {}\n"}, {"src/api.ts": "export function fetch() {}\n"}, _TS),
        ),
        (REMOVED_NAME, Edited({"index.js": "export const a = 1, b = 2;\n"}, {"index.js": "export const a = 1;\n"})),
        (
            CHANGED_SIGNATURE,
            Edited(
                {"src/api.ts": "export function get(url: string) {}\n"},
                {"src/api.ts": "export function get(url: string, token: string) {}\n"},
                {"src/index.ts": 'export * from "./api.js";\n'},
            ),
        ),
        (REMOVED_NAME, _go("func Get() {}\nfunc Put() {}", "func Put() {}")),
        (REMOVED_NAME, _go("type Client struct{}\nfunc (c *Client) Get() {}", "type Client struct{}")),
        (CHANGED_SIGNATURE, _go("func Get(url string) {}", "func Get(url string, n int) {}")),
    ),
    good=(
        Edited({"src/api.ts": "export function inner() {}\n"}, {"src/api.ts": "export const x = 1\n"}, _TS),
        Edited(
            {"src/api.ts": "export function get(a: string) {}\n"},
            {"src/api.ts": "export function get(a: string, b?: string, c = 1) {}\n"},
            _TS,
        ),
        Edited(
            {"src/api.ts": "/** @deprecated */\nexport function get() {}\n"},
            {"src/api.ts": "export const x = 1\n"},
            _TS,
        ),
        Edited({"src/api.ts": "export function get() {}\n"}, {"src/api.ts": "export * from './b';\n"}, _TS),
        Edited(
            {"src/api.ts": "export function get() {}\n"},
            {"src/api.ts": "export const x = 1\n"},
            {**_TS, "vite.config.ts": "export default {}\n"},
        ),
        _go("func get() {}\nfunc Put(a, b int) {}", "func Put(x int, y int) {}"),
        _go("func Get(url string) {}", "func Get(url string, options ...Option) {}"),
        Edited(
            {"api/a.go": _GO.format("func Get() {}"), "api/b.go": _GO.format("")},
            {"api/a.go": _GO.format("var x int"), "api/b.go": _GO.format("func Get() {}")},
        ),
        Edited({"main.go": "package main\n\nfunc Get() {}\n"}, {"main.go": "package main\n"}),
    ),
)
