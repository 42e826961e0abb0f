"""What the views of a project hand to its templates: for every template name, its variables and where they come from.

Local: it looks at the call that renders and at what the names in it were given in the same function.
"""

import ast
import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from tree_sitter import Node

from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments, is_cleaned, is_constant, is_from_request
from server.analysis.parsed import Called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import Origin, origin_of, values_of


class Grade(IntEnum):
    """Ordered: of several, the worst counts."""

    CLEAN = 0
    UNKNOWN = 1
    STORED = 2
    REQUEST = 3


class View(NamedTuple):
    """A call that renders *template* with *variables*."""

    template: str
    variables: tuple[tuple[str, Grade], ...]


class ViewsOf(NamedTuple):
    """*cleans*: the file uses a cleaner of markup, so that the project keeps cleaned markup somewhere."""

    views: tuple[View, ...]
    cleans: bool


_CLEANER_NAMES = ("bleach", "nh3", "html_sanitizer", "lxml.html.clean", "sanitize-html", "dompurify", "DOMPurify")
_CLEANERS = re.compile(rf"\b(?:{'|'.join(map(re.escape, _CLEANER_NAMES))})\b")
_RENDERERS = (
    *("render_template", "render_template_async", "render", "render_async", "render_to_string", "render_to_response"),
    *("TemplateResponse", "template_response", "render_response"),
)

_STORED = re.compile(
    r"\.(?:query|objects|execute|fetchall|fetchone|fetchmany|scalars?|first_or_404|get_or_404|find_one|find|all|first|aggregate)\b"
    r"|\b(?:get_object_or_404|get_list_or_404|query_db|cursor|session\.(?:get|query|execute|scalars?))\b|\bdb\.",
)
_CLEANED = re.compile(
    r"\b(?:bleach|nh3|escape|sanitiz\w*|clean\w*|url_for|reverse|strip_tags|json\.dumps|\w*Form)\b|Form\("
)


def views_of(file: PythonFile | JavaScriptFile) -> ViewsOf | None:
    """None for a file that neither renders nor cleans."""
    if isinstance(file, PythonFile):
        views = (*_python_calls(file), *_class_views(file))
    else:
        views = tuple(_javascript_calls(file))
    source = file.source
    cleans = any(map(source.mentions, _CLEANER_NAMES)) and _CLEANERS.search(source.text) is not None
    return ViewsOf(views, cleans) if views or cleans else None


def _python_calls(file: PythonFile) -> Iterator[View]:
    for name in _RENDERERS:
        for call in file.nodes(Called(name)):
            if not isinstance(call, ast.Call):
                continue
            template = next((text for argument in call.args[:2] if (text := _text(argument))), "")
            template = template or next(
                (_text(k.value) for k in call.keywords if k.arg in ("name", "template_name")), ""
            )
            if "." in template:
                yield View(template, tuple(_python_variables(call, file)))


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _python_variables(call: ast.Call, file: PythonFile) -> Iterator[tuple[str, Grade]]:
    for keyword in call.keywords:
        if keyword.arg in ("context", "params"):
            yield from _members(keyword.value, file)
        elif keyword.arg is not None:
            yield keyword.arg, python_grade(keyword.value, file)
        else:
            yield from _members(keyword.value, file)
    for argument in call.args[1:]:
        yield from _members(argument, file)


def _members(node: ast.expr, file: PythonFile) -> Iterator[tuple[str, Grade]]:
    for value in values_of(node, file) if isinstance(node, ast.Name) else (node,):
        if isinstance(value, ast.Dict):
            for key, item in zip(value.keys, value.values, strict=True):
                if key is None:
                    yield from _members(item, file) if isinstance(item, ast.Dict) else ()
                elif _text(key):
                    yield _text(key), python_grade(item, file)
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict":
            yield from ((k.arg, python_grade(k.value, file)) for k in value.keywords if k.arg is not None)


def python_grade(node: ast.expr, file: PythonFile) -> Grade:
    origin = origin_of(node, file)
    if origin is Origin.CONSTANT:
        return Grade.CLEAN
    texts = [file.text(value) for value in (node, *_given(node, file))]
    if any(_CLEANED.search(text[:500]) for text in texts):
        return Grade.CLEAN
    if origin in (Origin.REQUEST, Origin.ROUTE):
        return Grade.REQUEST
    return Grade.STORED if any(_STORED.search(text[:500]) for text in texts) else Grade.UNKNOWN


def _given(node: ast.expr, file: PythonFile) -> Iterator[ast.AST]:
    """What the name was given, and what the names in that were: `rows = db.execute(q)`, `posts = list(rows)`."""
    root: ast.AST = node
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    if not isinstance(root, ast.Name):
        return
    for value in values_of(root, file):
        if isinstance(value, ast.expr) and hasattr(value, "lineno"):
            yield value


_VIEW_BASE = re.compile(r"View$|Mixin$")


def _class_views(file: PythonFile) -> Iterator[View]:
    for node in file.nodes(ast.ClassDef):
        if not isinstance(node, ast.ClassDef) or not any(_VIEW_BASE.search(ast.unparse(base)) for base in node.bases):
            continue
        given = {
            target.id: statement.value
            for statement in node.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        template = _text(given["template_name"]) if "template_name" in given else ""
        if not template:
            continue
        names = {"object", "object_list", _text(given["context_object_name"]) if "context_object_name" in given else ""}
        if "model" in given:
            names.add(ast.unparse(given["model"]).rpartition(".")[2].lower())
        yield View(template, tuple((name, Grade.STORED) for name in sorted(names) if name))


_JS_STORED = re.compile(
    r"\bawait\b|\.(?:find\w*|query|exec|all|get|select|aggregate|execute)\(|\brows?\b|\bresults?\b|\bdocs?\b"
)


def _javascript_calls(file: JavaScriptFile) -> Iterator[View]:
    for name in ("render", "view", "renderFile"):
        for call in file.nodes(Called(name)):
            given = arguments(call)
            template = file.text(given[0]).strip("'\"`") if given and given[0].type == "string" else ""
            if template:
                variables = given[1] if len(given) > 1 and given[1].type == "object" else None
                yield View(template, tuple(_javascript_variables(variables, file)))


def _javascript_variables(node: Node | None, file: JavaScriptFile) -> Iterator[tuple[str, Grade]]:
    for child in node.named_children if node is not None else ():
        if child.type == "shorthand_property_identifier":
            yield file.text(child), _javascript_grade(child, file)
        elif child.type == "pair":
            value = child.child_by_field_name("value")
            if value is not None:
                yield file.text(child.child_by_field_name("key")).strip("'\""), _javascript_grade(value, file)


def _javascript_grade(node: Node, file: JavaScriptFile) -> Grade:
    name = file.text(node).partition(".")[0].partition("[")[0]
    given = file.locals.get(name, []) if name.isidentifier() else []
    if is_constant(node, file) or is_cleaned(node, file) or (given and all(is_cleaned(value, file) for value in given)):
        return Grade.CLEAN
    if is_from_request(node, file) or any(
        is_from_request(value, file) and value.type != "await_expression" for value in given
    ):
        return Grade.REQUEST
    texts = [file.text(node), *map(file.text, given)]
    return Grade.STORED if any(_JS_STORED.search(text[:300]) for text in texts) else Grade.UNKNOWN
