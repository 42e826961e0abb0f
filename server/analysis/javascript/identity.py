"""Decisions about who is there, or what they may do, that rest on a cookie or header which the client writes."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.file import JavaScriptFile
from server.analysis.rule import Hit, check
from server.analysis.web.decisions import CLIENT_IDENTITY

_WHO = (
    r"(?:role|user_?role|is_?admin|admin|is_?staff|user_?type|access_?level|privileges?|logged_?in|is_?logged_?in"
    r"|authenticated)"
)
_WRITTEN = re.compile(
    rf"\b(?:(?:req|request)\.cookies|cookies\(\))(?:\??\.get\(\s*['\"]{_WHO}['\"]|\??\.{_WHO}\b|\[\s*['\"]{_WHO}['\"]\s*\])"
    r"|\b(?:req|request)\.headers(?:\??\.get\(\s*|\[\s*)['\"]x-(?:is-)?(?:user-)?(?:admin|role|staff)['\"]"
    r"|\b(?:req|request)\.(?:header|get)\(\s*['\"]x-(?:is-)?(?:user-)?(?:admin|role|staff)['\"]",
    re.IGNORECASE,
)


@check(
    CLIENT_IDENTITY,
    on=("if_statement",),
    bad=(
        "exports.isAdmin = (req, res, next) => {\n  if (req.cookies.role === 'admin') return next();\n"
        "  res.sendStatus(403);\n};\n",
        "export function middleware(req) {\n  if (req.cookies.get('role')?.value !== 'admin') return deny();\n}\n",
        "app.get('/a', (req, res) => {\n  if (req.headers['x-admin'] === 'true') res.json(all());\n});\n",
    ),
    good=(
        "app.get('/a', (req, res) => {\n  if (req.session.role === 'admin') res.json(all());\n});\n",
        "app.get('/a', (req, res) => {\n  if (req.signedCookies.role === 'admin') res.json(all());\n});\n",
        "app.get('/a', (req, res) => {\n  if (req.cookies.theme === 'dark') dark();\n});\n",
        "app.get('/a', (req, res) => {\n  if (req.headers['x-requested-with']) res.json(all());\n});\n",
    ),
)
def client_identity(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    test = node.child_by_field_name("condition")
    found = _WRITTEN.search(file.text(test)[:1_000])
    if test is not None and found is not None:
        yield Hit(file.span(test), f"A decision rests on {found[0]}, which the client writes as it likes")


CHECKS = (client_identity,)
