"""Text that becomes a program: code, shell commands, SQL, markup."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.accounts import handler_of
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.lowering.cleaning import answers_plainly
from server.analysis.javascript.values import (
    arguments,
    is_cleaned,
    is_constant,
    is_from_request,
    is_put_together,
    text_of,
)
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.analysis.rules import (
    CODE_FROM_TEXT,
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
)
from server.reviews.finding import Confidence, Severity


def _hit(node: Node, message: str, file: JavaScriptFile, severity: Severity) -> Hit:
    """What a request puts in is worse, and surer."""
    if is_from_request(node, file) or is_from_request_by_name(node, file):
        return Hit(file.head_span(node), message, severity=Severity.CRITICAL, confidence=Confidence.HIGH)
    return Hit(file.head_span(node), message, severity=severity)


def is_from_request_by_name(node: Node, file: JavaScriptFile) -> bool:
    given = (value for name in file.descendants(node, "identifier") for value in file.given(name))
    return any(is_from_request(value, file) for value in given)


@check(
    CODE_FROM_TEXT,
    on=called("eval", "Function", "setTimeout", "setInterval", "runInNewContext", "runInThisContext", "runInContext"),
    bad=(
        "eval(text);\n",
        "new Function('a', body);\n",
        "setTimeout('run(' + name + ')', 10);\n",
        "vm.runInNewContext(req.query.code);\n",
    ),
    good=(
        "eval('1 + 1');\n",
        "setTimeout(() => run(name), 10);\n",
        "setTimeout(run, 10);\n",
        "page.$eval('a', f);\n",
        "client.eval(script);\n",
        "new Function('return this')();\n",
    ),
)
def code_from_text(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    name = file.callee(call)
    given = arguments(call)
    if (
        not given
        or name.rpartition(".")[0] not in ("", "window", "globalThis", "self", "vm", "global")
        or name.startswith(".")
    ):
        return
    if name.endswith(("setTimeout", "setInterval")):
        if is_put_together(given[0], file):
            yield _hit(given[0], f"{name}() runs a text as code", file, Severity.HIGH)
    elif any(not is_constant(text, file) for text in (given if name == "Function" else given[:1])):
        yield _hit(call, f"{name}() of text that is not constant", file, Severity.MEDIUM)


@check(
    SHELL_COMMAND,
    on=called("exec", "execSync", "spawn", "spawnSync"),
    bad=(
        "const { exec } = require('child_process');\nexec(`ls ${name}`);\n",
        "import { execSync } from 'node:child_process';\nexecSync('ls ' + name);\n",
        "import cp from 'child_process';\ncp.spawn('ls ' + name, { shell: true });\n",
        "import cp from 'child_process';\nconst c = 'ls ' + name;\ncp.exec(c, done);\n",
    ),
    good=(
        "const { exec } = require('child_process');\nexec('ls -l');\n",
        "const { execFile } = require('child_process');\nexecFile('ls', [name]);\n",
        "const found = /a/.exec(`b ${name}`);\n",
        "import cp from 'child_process';\ncp.spawn('ls', [name]);\n",
    ),
)
def shell_command(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    name = file.callee(call)
    given = arguments(call)
    if not given or "child_process" not in file.source.text or name.startswith("."):
        return
    if "spawn" in name and not re.search(r"\bshell\s*:\s*(?:true|['\"])", file.text(given[-1])):
        return
    if is_put_together(given[0], file) and not is_cleaned(given[0], file):
        yield _hit(given[0], "A shell runs a command that is put together from values", file, Severity.HIGH)


_SQL = re.compile(
    r"\b(?:select\b[\s\S]+\bfrom\b|insert\s+into|update\b[\s\S]+\bset\b|delete\s+from|where\b)|\bunion\s+select",
    re.IGNORECASE,
)


@check(
    SQL_FROM_TEXT,
    on=called("query", "execute", "raw", "all", "get", "run", "$queryRawUnsafe", "$executeRawUnsafe", "unsafe"),
    bad=(
        "db.query(`SELECT * FROM users WHERE name = '${name}'`);\n",
        "db.query('SELECT * FROM users WHERE id = ' + req.params.id, done);\n",
        "const sql = `DELETE FROM users WHERE id = ${id}`;\nawait pool.execute(sql);\n",
        "prisma.$queryRawUnsafe(`SELECT a FROM t WHERE b = ${b}`);\n",
    ),
    good=(
        "db.query('SELECT * FROM users WHERE name = ?', [name]);\n",
        "db.query(sql`SELECT * FROM users WHERE name = ${name}`);\n",
        "const TABLE = 'users';\ndb.query(`SELECT * FROM ${TABLE}`);\n",
        "fetch.get(`/select from ${menu}`);\n",
        "const NAMES = ['a', 'b'];\nconst sets = NAMES.map((n, i) => `${n} = $${i}`).join(', ');\n"
        "db.query(`UPDATE t SET ${sets} WHERE id = 1`);\n",
        "const marks = ids.map((_, i) => `$${i}`).join();\ndb.query(`SELECT a FROM t WHERE id IN (${marks})`, ids);\n",
        "client.query(`query { user(id: 1) { where } }`);\n",
        "function a(i) { cache.get(i); }\nfunction b(n) { let i = 'x where ' + n; return i; }\n",
    ),
)
def sql_from_text(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if "." not in file.callee(call) or not given or not is_put_together(given[0], file):
        return
    if (
        _SQL.search(text_of(given[0], file))
        and not is_cleaned(given[0], file)
        and not text_of(given[0], file).startswith("`/")
    ):
        yield _hit(given[0], "SQL put together from text instead of parameters", file, Severity.HIGH)


@check(
    HTML_FROM_TEXT,
    on=("assignment_expression", "augmented_assignment_expression"),
    bad=(
        "el.innerHTML = `<b>${name}</b>`;\n",
        "el.outerHTML = '<b>' + name + '</b>';\n",
        "el.innerHTML += '<b>' + location.hash;\n",
        "const html = rows.map((r) => `<li>${r.name}</li>`).join('');\nlist.innerHTML = html;\n",
    ),
    good=(
        "el.innerHTML = '';\n",
        "el.textContent = name;\n",
        "el.innerHTML = DOMPurify.sanitize(html);\n",
        "el.innerHTML = `<b>${escapeHtml(name)}</b>`;\n",
        "el.innerHTML = other.innerHTML;\n",
        "el.innerHTML = rows.map((r) => `<li>${escapeHtml(r.name)}</li>`).join('');\n",
        "function f() { var css = 'a {}'; el.innerHTML = '<b>' + css + '</b>'; }\nfunction g() { var css = 'b {}'; }\n",
    ),
)
def inner_html(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    if target is None or value is None or target.type != "member_expression":
        return
    markup = file.text(target.child_by_field_name("property")) in ("innerHTML", "outerHTML", "srcdoc")
    made = is_put_together(value, file) or is_from_request(value, file) or _is_joined_markup(value, file)
    if markup and made and not is_cleaned(value, file):
        yield _html(node, value, "Markup put together from values", file)


def _is_joined_markup(value: Node, file: JavaScriptFile) -> bool:
    """`rows.map((row) => "<li>" + row.name + "</li>").join("")`, also by a name."""
    given = (file.given(value) or [value]) if value.type == "identifier" else [value]
    for made in given:
        if made.type == "call_expression" and file.callee(made).endswith(".join") and not is_cleaned(made, file):
            texts = (file.text(t) for t in file.descendants(made, "template_string", "binary_expression"))
            return any(_BETWEEN_TAGS.search(text) for text in texts)
    return False


@check(
    HTML_FROM_TEXT,
    on=called("write", "writeln", "insertAdjacentHTML", "bypassSecurityTrustHtml"),
    bad=(
        "document.write('<b>' + name + '</b>');\n",
        "el.insertAdjacentHTML('beforeend', `<li>${name}</li>`);\n",
        "this.sanitizer.bypassSecurityTrustHtml(html);\n",
    ),
    good=(
        "document.write('<b>x</b>');\n",
        "stream.write(`a ${name}`);\n",
        "el.insertAdjacentHTML('beforeend', '<li></li>');\n",
    ),
)
def written_html(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    name, given = file.callee(call), arguments(call)
    if not given or is_cleaned(given[-1], file):
        return
    if name in ("document.write", "document.writeln") or name.endswith("insertAdjacentHTML"):
        if is_put_together(given[-1], file):
            yield _html(call, given[-1], f"{name.rpartition('.')[2]}() of markup put together from values", file)
    elif name.endswith("bypassSecurityTrustHtml") and not is_constant(given[0], file):
        yield _html(call, given[0], "Angular's escaping is turned off for a value", file)


@check(
    HTML_FROM_TEXT,
    on=called("html", "append", "prepend", "after", "before"),
    bad=(
        "$('#list').append('<li>' + data.text + '</li>');\n",
        "$(el).html(`<b>${name}</b>`);\n",
    ),
    good=(
        "$('#list').append('<li></li>');\n",
        "$('#list').append('<li>' + gettext('x') + '</li>');\n",
        "form.append('q', '<' + name);\n",
        "$('#list').append($('<li>').text(name));\n",
        "$(el).html(`<b>${escapeHtml(name)}</b>`);\n",
        "$note.html('<i class=\"fa-' + icon + '\"></i>');\n",
        "$row.append('<a href=\"#\">' + options.addText + '</a>');\n",
        "$list.append('<ul id=\"a' + id + '\"><li>' +\n  '<b name=\"c' + id + '\"></b></li></ul>');\n",
    ),
)
def jquery_html(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Where a value stands between tags: in a class of theirs it is mostly the program's own."""
    given = arguments(call)
    if len(given) != 1 or not is_put_together(given[0], file) or is_cleaned(given[0], file):
        return
    text = file.text(given[0])
    if _BETWEEN_TAGS.search(text) and not re.search(r"gettext|interpolate|\bngettext|\$t\(|translate", text):
        yield _html(
            call, given[0], f"{file.callee(call).rpartition('.')[2]}() of markup put together from values", file
        )


_BETWEEN_TAGS = re.compile(
    r">[^<>'\"`]{0,80}(?:['\"]\s*\+(?!\s*['\"])|\$\{)(?!\s*(?:this\.)?_?(?:options|opts|settings|config|i18n|l10n|labels|messages"
    r"|strings|texts|translations)\.\w+\s*[^\w\s.(\[])",
    re.IGNORECASE,
)
"""A value after a tag, not the next piece of a text that is written in several, nor one of the program's own words."""


@check(
    HTML_FROM_TEXT,
    on=("jsx_attribute",),
    bad=(
        "const a = <div dangerouslySetInnerHTML={{ __html: props.body }} />;\n",
        "const a = <div dangerouslySetInnerHTML={{ __html: `<b>${name}</b>` }} />;\n",
    ),
    good=(
        "const a = <div dangerouslySetInnerHTML={{ __html: '<b>x</b>' }} />;\n",
        "const a = <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(body) }} />;\n",
        "const a = <div className={name} />;\n",
        "const a = <script type='application/ld+json' dangerouslySetInnerHTML={{ __html: JSON.stringify(data) }} />;\n",
    ),
)
def dangerous_jsx(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if not file.text(node).startswith("dangerouslySetInnerHTML"):
        return
    for pair in file.descendants(node, "pair"):
        value = pair.child_by_field_name("value")
        html = file.text(pair.child_by_field_name("key")) == "__html"
        if html and value is not None and not is_constant(value, file) and not is_cleaned(value, file):
            yield _html(node, value, "React's escaping is turned off for a value", file)


def _html(node: Node, value: Node, message: str, file: JavaScriptFile) -> Hit:
    if is_from_request(value, file):
        return Hit(file.head_span(node), message, severity=Severity.HIGH, confidence=Confidence.HIGH)
    return Hit(file.head_span(node), message)


@check(
    HTML_FROM_TEXT,
    on=called("send", "end"),
    bad=("app.get('/', (req, res) => { res.send('<p>' + req.query.q + '</p>'); });\n",),
    good=(
        "app.get('/', (req, res) => { res.send({ q: req.query.q }); });\n",
        "app.get('/', (req, res) => { res.send('<p>' + escape(req.query.q) + '</p>'); });\n",
        "app.get('/', (req, res) => { res.type('text/plain'); res.send('<p>' + req.query.q); });\n",
    ),
)
def page_from_request(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if file.callee(call).partition(".")[0] not in ("res", "response") or not given:
        return
    page = given[0]
    if (
        is_put_together(page, file)
        and is_from_request(page, file)
        and "<" in file.text(page)
        and not is_cleaned(page, file)
        and not answers_plainly(file.text(handler_of(call, file))[:4_000])
    ):
        yield Hit(file.head_span(page), "A page put together from the request's values", severity=Severity.HIGH)


@check(
    PATH_FROM_REQUEST,
    on=called(
        "readFile", "readFileSync", "createReadStream", "sendFile", "download", "unlink", "unlinkSync", "writeFile"
    ),
    bad=("fs.readFile(req.query.name, done);\n", "fs.createReadStream('/data/' + req.params.name);\n"),
    good=(
        "fs.readFile('a.txt', done);\n",
        "fs.readFile(path.basename(req.query.name), done);\n",
        "fs.readFile(name, done);\n",
    ),
)
def path_from_request(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    if (
        given
        and is_from_request(given[0], file)
        and not re.search(r"basename|normalize|sanitize|safe", file.text(given[0]))
    ):
        yield Hit(file.head_span(given[0]), "The request chooses the path")


@check(
    OPEN_REDIRECT,
    on=called("redirect"),
    bad=("res.redirect(req.query.next);\n",),
    good=("res.redirect('/home');\n", "res.redirect('/search?q=' + req.query.q);\n", "res.redirect(next);\n"),
)
def open_redirect(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    target = given[-1] if given else None
    if target is None or target.type not in ("member_expression", "subscript_expression"):
        return
    if is_from_request(target, file) and not file.text(target).endswith(("originalUrl", ".url")):
        yield Hit(file.head_span(target), "The request chooses where the browser goes")


CHECKS = (
    code_from_text,
    shell_command,
    sql_from_text,
    inner_html,
    written_html,
    jquery_html,
    dangerous_jsx,
    page_from_request,
    path_from_request,
    open_redirect,
)
