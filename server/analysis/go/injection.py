"""Text that becomes a program, and trust that is given away, in Go."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.go.file import GoFile
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.analysis.rules import (
    HTML_FROM_TEXT,
    PREDICTABLE_SECRET,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    TLS_UNVERIFIED,
    WEAK_CIPHER,
    WEAK_PASSWORD_HASH,
)
from server.reviews.finding import Confidence, Edit, Fix, Severity

_TEXTS = frozenset({"interpreted_string_literal", "raw_string_literal"})
_REQUEST = re.compile(
    r"\b(?:r|req|request)\.(?:URL|FormValue|PostFormValue|Header|Form|PostForm|Body|Cookie)\b|\bc\.(?:Query|Param|PostForm)\("
)


def arguments(call: Node) -> list[Node]:
    given = call.child_by_field_name("arguments")
    return [child for child in given.named_children if child.type != "comment"] if given is not None else []


def is_constant(node: Node, file: GoFile) -> bool:
    if node.type in _TEXTS or node.type == "int_literal":
        return True
    if node.type == "binary_expression":
        return all(is_constant(side, file) for side in node.named_children)
    return node.type == "identifier" and _is_declared_const(file.text(node), file)


def _is_declared_const(name: str, file: GoFile) -> bool:
    names = {file.text(spec.child_by_field_name("name")) for spec in file.nodes("const_spec")}
    return name in names


def is_put_together(node: Node, file: GoFile) -> bool:
    """Sprintf or a concatenation with something that is not constant; follows a local name."""
    if node.type == "identifier":
        return any(
            is_put_together(value, file) for value in file.locals.get(file.text(node), ()) if value.type != "identifier"
        )
    if node.type == "call_expression":
        given = arguments(node)
        return file.callee(node) == "fmt.Sprintf" and any(not is_constant(value, file) for value in given[1:])
    return (
        node.type == "binary_expression"
        and not is_constant(node, file)
        and any(True for _ in file.descendants(node, *_TEXTS))
    )


def text_of(node: Node, file: GoFile) -> str:
    if node.type == "identifier":
        return " ".join(map(file.text, file.locals.get(file.text(node), ())))
    return file.text(node)


_SHELLS = frozenset({"sh", "bash", "zsh", "cmd", "cmd.exe", "powershell"})


def _hit(node: Node, message: str, file: GoFile, severity: Severity) -> Hit:
    if _REQUEST.search(text_of(node, file)):
        return Hit(file.head_span(node), message, severity=Severity.CRITICAL, confidence=Confidence.HIGH)
    return Hit(file.head_span(node), message, severity=severity)


@check(
    SHELL_COMMAND,
    on=called("Command", "CommandContext"),
    bad=(
        'package a\n\nfunc f(n string) { exec.Command("sh", "-c", "ls "+n).Run() }\n',
        'package a\n\nfunc f(n string) { exec.CommandContext(ctx, "bash", "-c", fmt.Sprintf("ls %s", n)).Run() }\n',
        'package a\n\nfunc f(n string) {\n\tcmd := "ls " + n\n\texec.Command("/bin/sh", "-c", cmd).Run()\n}\n',
    ),
    good=(
        'package a\n\nfunc f(n string) { exec.Command("ls", n).Run() }\n',
        'package a\n\nfunc f() { exec.Command("sh", "-c", "ls | wc -l").Run() }\n',
    ),
)
def shell_command(call: Node, file: GoFile) -> Iterator[Hit]:
    name, words = file.callee(call), arguments(call)
    words = words[1:] if name == "exec.CommandContext" else words
    if name not in ("exec.Command", "exec.CommandContext") or len(words) < 3:
        return
    shell, option = file.text(words[0]).strip('"`'), file.text(words[1]).strip('"`')
    runs_text = shell.rpartition("/")[2] in _SHELLS and option in ("-c", "/c", "/C", "-Command")
    if runs_text and is_put_together(words[2], file):
        yield _hit(words[2], "A shell runs a command that is put together from values", file, Severity.HIGH)


_SQL = re.compile(
    r"\b(?:select\b[\s\S]+\bfrom\b|insert\s+into|update\b[\s\S]+\bset\b|delete\s+from|where\b)", re.IGNORECASE
)


@check(
    SQL_FROM_TEXT,
    on=called("Query", "QueryRow", "Exec", "QueryContext", "QueryRowContext", "ExecContext", "Raw", "Get", "Select"),
    bad=(
        'package a\n\nfunc f(n string) { db.Query("SELECT a FROM t WHERE n = \'" + n + "\'") }\n',
        "package a\n\nfunc f(n string) { db.ExecContext(ctx, fmt.Sprintf(\"DELETE FROM t WHERE n = '%s'\", n)) }\n",
        "package a\n\nfunc f(n string) {\n\tq := fmt.Sprintf(\"SELECT a FROM t WHERE n = '%s'\", n)\n"
        "\tdb.QueryRow(q)\n}\n",
    ),
    good=(
        'package a\n\nfunc f(n string) { db.Query("SELECT a FROM t WHERE n = $1", n) }\n',
        'package a\n\nconst table = "t"\n\nfunc f() { db.Query("SELECT a FROM " + table) }\n',
        'package a\n\nfunc f(n string) { cache.Get("key " + n) }\n',
        'package a\n\nfunc f(n int) { db.Query(fmt.Sprintf("SELECT a FROM t LIMIT %d", n)) }\n',
    ),
)
def sql_from_text(call: Node, file: GoFile) -> Iterator[Hit]:
    for statement in arguments(call)[:3]:
        text = text_of(statement, file)
        if is_put_together(statement, file) and _SQL.search(text) and not _only_numbers(text):
            yield _hit(statement, "SQL put together from text instead of parameters", file, Severity.HIGH)


def _only_numbers(text: str) -> bool:
    verbs = re.findall(r"%[-+# 0-9.]*([a-zA-Z])", text)
    return bool(verbs) and all(verb in "dtfxXbo" for verb in verbs)


@check(
    TLS_UNVERIFIED,
    on=("keyed_element",),
    bad=("package a\n\nvar c = tls.Config{InsecureSkipVerify: true}\n",),
    good=(
        "package a\n\nvar c = tls.Config{InsecureSkipVerify: false}\n",
        "package a\n\nvar c = tls.Config{InsecureSkipVerify: skip}\n",
    ),
)
def unverified_config(node: Node, file: GoFile) -> Iterator[Hit]:
    if re.fullmatch(r"InsecureSkipVerify\s*:\s*true", file.text(node)):
        value = node.named_children[-1]
        fix = Fix("Check certificates", (Edit(*file.span(value), "false"),), safe=False)
        yield Hit(file.span(node), "The check of certificates is turned off", fix)


@check(
    HTML_FROM_TEXT,
    on=called("HTML", "JS", "URL"),
    bad=('package a\n\nfunc f(n string) template.HTML { return template.HTML("<b>" + n + "</b>") }\n',),
    good=(
        'package a\n\nfunc f() template.HTML { return template.HTML("<b>x</b>") }\n',
        'package a\n\nfunc f(n string) template.HTML { return template.HTML("<b>" + html.EscapeString(n) + "</b>") }\n',
    ),
)
def markup_from_text(call: Node, file: GoFile) -> Iterator[Hit]:
    given = arguments(call)
    if not file.callee(call).startswith("template.") or not given or "scape" in text_of(given[0], file):
        return
    if is_put_together(given[0], file):
        yield _hit(given[0], "Markup put together from values that are not escaped", file, Severity.MEDIUM)


_SECRET_NAME = re.compile(
    r"passw(?:or)?d|secret|api_?key|(?:session|csrf|reset|auth|access)_?(?:id|token|code|key)|\botp\b|nonce",
    re.IGNORECASE,
)


@check(
    PREDICTABLE_SECRET,
    on=called("Int", "Intn", "IntN", "Int63", "Int31n", "Read", "Uint32", "Perm"),
    bad=('package a\n\nimport "math/rand"\n\nfunc resetToken() int { return rand.Intn(999999) }\n',),
    good=(
        'package a\n\nimport "crypto/rand"\n\nfunc resetToken(b []byte) { rand.Read(b) }\n',
        'package a\n\nimport "math/rand"\n\nfunc jitter() int { return rand.Intn(100) }\n',
    ),
)
def predictable_secret(call: Node, file: GoFile) -> Iterator[Hit]:
    if not file.callee(call).startswith("rand.") or '"math/rand' not in file.source.text:
        return
    for ancestor in file.ancestors(call):
        if ancestor.type in ("short_var_declaration", "assignment_statement"):
            name = file.text(ancestor.child_by_field_name("left"))
        elif ancestor.type in ("function_declaration", "method_declaration"):
            name = file.text(ancestor.child_by_field_name("name"))
        else:
            continue
        if _SECRET_NAME.search(name):
            yield Hit(file.span(call), "A secret made with math/rand")
            return


@check(
    WEAK_PASSWORD_HASH,
    on=called("Sum", "Sum256", "Sum512"),
    bad=("package a\n\nfunc f(password string) { md5.Sum([]byte(password)) }\n",),
    good=(
        "package a\n\nfunc f(body string) { md5.Sum([]byte(body)) }\n",
        "package a\n\nfunc f(p []byte) { bcrypt.Sum(p) }\n",
    ),
)
def weak_password_hash(call: Node, file: GoFile) -> Iterator[Hit]:
    package, given = file.callee(call).partition(".")[0], arguments(call)
    if (
        package in ("md5", "sha1", "sha256", "sha512")
        and given
        and re.search(r"passw(?:or)?d\b", file.text(given[0]), re.IGNORECASE)
    ):
        weak = package in ("md5", "sha1")
        yield Hit(
            file.span(call), f"A password is hashed with {package}", severity=Severity.HIGH if weak else Severity.MEDIUM
        )


@check(
    WEAK_CIPHER,
    on=called("NewCipher", "NewTripleDESCipher"),
    bad=(
        "package a\n\nfunc f(k []byte) { des.NewCipher(k) }\n",
        "package a\n\nfunc f(k []byte) { rc4.NewCipher(k) }\n",
    ),
    good=("package a\n\nfunc f(k []byte) { aes.NewCipher(k) }\n",),
)
def weak_cipher(call: Node, file: GoFile) -> Iterator[Hit]:
    if file.callee(call).partition(".")[0] in ("des", "rc4"):
        yield Hit(file.span(call), "A broken cipher")


CHECKS = (
    shell_command,
    sql_from_text,
    unverified_config,
    markup_from_text,
    predictable_secret,
    weak_password_hash,
    weak_cipher,
)
