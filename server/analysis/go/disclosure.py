"""What gets out of Go programs that should not: the inside of errors to clients, secrets to logs."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from server.analysis.go.file import GoFile
from server.analysis.go.trust import arguments
from server.analysis.parsed import called
from server.analysis.python.logs import LOGGED_SECRET
from server.analysis.rule import Hit, check
from server.analysis.telling import ABOUT, SECRET, callee_text, logged
from server.analysis.text.looks import snake
from server.analysis.web.disclosure import ERROR_DETAILS
from server.reviews.finding import Severity

_LOGGER = re.compile(r"(?:^|[._])(?:log|logger|slog|logrus|zap|sugar|klog|glog|lg|entry|Logger|Log|l)\b.{0,200}$")
_LEVELS = (
    *("Print", "Printf", "Println", "Fatal", "Fatalf", "Info", "Infof", "Infow", "Infoln", "Debug", "Debugf", "Debugw"),
    *("Warn", "Warnf", "Warnw", "Error", "Errorf", "Errorw", "WithField", "WithFields", "With", "Str", "Any", "String"),
    *("InfoContext", "DebugContext", "Trace", "Tracef"),
)


@check(
    LOGGED_SECRET,
    on=called(*_LEVELS),
    bad=(
        'package a\n\nfunc f() { log.Printf("login failed for %s with %s", name, password) }\n',
        'package a\n\nfunc f(r *http.Request) {\n\tvar creds Credentials\n\tlog.Printf("login: %+v", creds)\n}\n',
        'package a\n\nfunc f() { slog.Info("login", "user", name, "password", pw) }\n',
        'package a\n\nfunc f() { logger.WithField("password", p).Info("login") }\n',
        'package a\n\nfunc f() { fmt.Printf("user=%s password=%s\\n", u, password) }\n',
        'package a\n\nfunc f() { log.Printf("login %s", c.FormValue("password")) }\n',
        "package a\n\nfunc f(r *http.Request) { log.Println(r.Header) }\n",
    ),
    good=(
        'package a\n\nfunc f() { log.Printf("login failed for %s", name) }\n',
        'package a\n\nfunc f() { log.Printf("password of %d", len(password)) }\n',
        'package a\n\nfunc f() { log.Printf("settings: %+v", settings) }\n',
        'package a\n\nfunc f() { fmt.Printf("%s", password) }\n',
        'package a\n\nfunc f() { slog.Info("password", "changed", true) }\n',
        'package a\n\nfunc f() { slog.Warn("no user with this API key", slog.String("ip", ip)) }\n',
    ),
)
def logged_secret(call: Node, file: GoFile) -> Iterator[Hit]:
    callee, given = callee_text(call, file), call.child_by_field_name("arguments")
    printed = callee.startswith("fmt.Print")
    if given is None or not (printed or _LOGGER.search(callee.rpartition(".")[0])):
        return
    if printed and not re.search(r"passw|secret|token", file.text(given).partition(",")[0], re.IGNORECASE):
        return
    yield from logged(call, given, file, named=_named_secret(arguments(call), file))


def _named_secret(given: list[Node], file: GoFile) -> str:
    """Of structured logs: `"password", value`."""
    for key, value in pairwise(given):
        text = file.text(key) if key.type == "interpreted_string_literal" else ""
        name = snake(text.strip('"`')) if " " not in text else ""
        if SECRET.match(name) and not ABOUT.search(name) and not value.type.endswith(("literal", "true", "false")):
            return name
    return ""


_TELLS = re.compile(r"\b(?:err|e|error)\.Error\(\)|[,{(]\s*(?:err|e)\s*[,})]|:\s*err\s*[,}]")
_TRACE = re.compile(r"\bdebug\.Stack\(\)|runtime\.Stack\(")
_FAILED = re.compile(r"\b(?:500|502|503|http\.Status(?:InternalServerError|BadGateway|ServiceUnavailable))\b")
_ANSWERED = re.compile(r"(?:^|\.)(?:c|ctx|context|gc|ec|fc)(?:\.Status\([^()]{1,60}\))?\.\w+$")
_WRITER = re.compile(r"\(\s*(?:w|rw|res|resp|response|writer|c\.Writer|ctx\.Writer)\s*,")


@check(
    ERROR_DETAILS,
    on=called(
        *("Error", "JSON", "String", "SendString", "AbortWithStatusJSON", "IndentedJSON", "HTML", "NewHTTPError"),
        *("Fprintf", "Fprint", "Fprintln", "Write", "WriteString", "AbortWithError", "NewError"),
    ),
    bad=(
        "package a\n\nfunc h(w http.ResponseWriter) { http.Error(w, err.Error(), http.StatusInternalServerError) }\n",
        'package a\n\nfunc h(c *gin.Context) { c.JSON(500, gin.H{"error": err.Error()}) }\n',
        'package a\n\nfunc h(w http.ResponseWriter) { fmt.Fprintf(w, "error: %v", err) }\n',
        "package a\n\nfunc h(c *fiber.Ctx) error { return c.Status(500).SendString(err.Error()) }\n",
        "package a\n\nfunc h(w http.ResponseWriter) { w.Write(debug.Stack()) }\n",
    ),
    good=(
        'package a\n\nfunc h(w http.ResponseWriter) { http.Error(w, "broken", http.StatusInternalServerError) }\n',
        "package a\n\nfunc h(w http.ResponseWriter) { http.Error(w, err.Error(), http.StatusBadRequest) }\n",
        'package a\n\nfunc h(c *gin.Context) { c.JSON(400, gin.H{"error": err.Error()}) }\n',
        'package a\n\nfunc f() { fmt.Fprintf(os.Stderr, "error: %v", err) }\n',
    ),
)
def error_in_answer(call: Node, file: GoFile) -> Iterator[Hit]:
    """Of a failure of the server: what was wrong with a request its sender may know."""
    callee, text = callee_text(call, file), file.text(call)[:1_000]
    if _TRACE.search(text) and (
        _ANSWERED.search(callee) or _WRITER.search(text) or callee in ("w.Write", "http.Error")
    ):
        yield Hit(file.head_span(call), "The answer has the trace of the error")
    elif _TELLS.search(text) and _is_answer(callee, text):
        yield Hit(file.head_span(call), "The answer has the text of whatever went wrong", severity=Severity.LOW)


def _is_answer(callee: str, text: str) -> bool:
    if callee.startswith("fmt.Fprint") or callee == "io.WriteString":
        return _WRITER.search(text) is not None
    if callee in ("http.Error", "echo.NewHTTPError", "fiber.NewError") or _ANSWERED.search(callee):
        return _FAILED.search(text) is not None
    return callee == "w.Write"


CHECKS = (logged_secret, error_in_answer)
