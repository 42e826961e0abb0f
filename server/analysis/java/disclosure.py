"""What gets out of Java programs that should not: the inside of errors to clients, secrets to logs."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.java.file import JavaFile
from server.analysis.parsed import called
from server.analysis.python.logs import LOGGED_SECRET
from server.analysis.rule import Hit, check
from server.analysis.telling import logged
from server.analysis.web.disclosure import ERROR_DETAILS
from server.reviews.finding import Severity

_LOGGER = re.compile(r"(?:^|\.)_?(?:log|logger|LOG|LOGGER|Logger)$|^System\.(?:out|err)$")


@check(
    LOGGED_SECRET,
    on=called("info", "debug", "warn", "error", "trace", "fine", "severe", "warning", "println", "print", "printf"),
    bad=(
        'class A { void f() { log.info("login of {} with {}", user, password); } }\n',
        'class A { void f() { System.out.println("Password: " + password); } }\n',
        'class A { void f(User user) { LOGGER.debug("pw=" + user.getPassword()); } }\n',
        'class A { void login(LoginRequest request) { log.info("login request: {}", request); } }\n',
        'class A { void f() { log.debug("token={}", jwtToken); } }\n',
    ),
    good=(
        'class A { void f() { log.info("password changed"); } }\n',
        'class A { void f() { log.info("length {}", password.length()); } }\n',
        'class A { void f() { log.info("using {}", passwordPolicy); } }\n',
        'class A { void f() { log.info("request: {}", request.getRequestURI()); } }\n',
    ),
)
def logged_secret(call: Node, file: JavaFile) -> Iterator[Hit]:
    given = call.child_by_field_name("arguments")
    if given is None or not _LOGGER.search(file.text(call.child_by_field_name("object"))[-200:]):
        return
    yield from logged(call, given, file)


_BROAD = re.compile(
    r"\b(?:Exception|Throwable|RuntimeException|SQLException|DataAccessException|PersistenceException)\b"
)
_ANSWER = re.compile(
    r"(?:getWriter\(\)|getOutputStream\(\)|\bout|\bwriter|\bpw)\s*\.\s*(?:print\w{0,3}|write|append)$|\bsendError$|\.body$"
    r"|^(?:ResponseEntity|Response)\b.{0,200}\.(?:body|entity)$",
    re.DOTALL,
)


@check(
    ERROR_DETAILS,
    on=("catch_clause",),
    bad=(
        "class A { void doGet(HttpServletRequest q, HttpServletResponse r) {\n"
        "  try { f(); } catch (Exception e) { e.printStackTrace(r.getWriter()); } } }\n",
        "class A { void doGet(HttpServletRequest q, HttpServletResponse r) {\n"
        "  try { f(); } catch (SQLException e) { r.sendError(500, e.toString()); } } }\n",
        'class A { @GetMapping("/x") String x() { try { f(); } catch (Exception e) { return "failed " + e; } } }\n',
        'class A { @GetMapping("/x") ResponseEntity<?> x() { try { f(); } catch (Exception e) {\n'
        '  return ResponseEntity.internalServerError().body(Map.of("error", e.getMessage())); } } }\n',
    ),
    good=(
        'class A { void f() { try { g(); } catch (Exception e) { log.warn("x", e); throw new X(e.getMessage()); }}}\n',
        "class A { void f() { try { g(); } catch (Exception e) { e.printStackTrace(); } } }\n",
        'class A { @GetMapping("/x") String x() { try { f(); } catch (NotFound e) { return "failed " + e; } } }\n',
        "class A { String f() { try { g(); } catch (Exception e) { return e.getMessage(); } } }\n",
    ),
)
def caught_error(clause: Node, file: JavaFile) -> Iterator[Hit]:
    parameter = next((c for c in clause.named_children if c.type == "catch_formal_parameter"), None)
    body = clause.child_by_field_name("body")
    if parameter is None or body is None or not _BROAD.search(file.text(parameter)):
        return
    yield from _told(body, file.text(parameter.child_by_field_name("name")), file, answers=_is_route(clause, file))


@check(
    ERROR_DETAILS,
    on=("marker_annotation", "annotation"),
    bad=(
        "class A { @ExceptionHandler(Exception.class) ResponseEntity<String> h(Exception e) {\n"
        "  return ResponseEntity.status(500).body(e.getMessage()); } }\n",
    ),
    good=(
        "class A { @ExceptionHandler(NotFound.class) ResponseEntity<String> h(NotFound e) {\n"
        "  return ResponseEntity.status(404).body(e.getMessage()); } }\n",
        "class A { @ExceptionHandler(Exception.class) ResponseEntity<String> h(Exception e) {\n"
        '  return ResponseEntity.status(500).body("failed"); } }\n',
    ),
)
def handled_error(annotation: Node, file: JavaFile) -> Iterator[Hit]:
    method = next((a for a in file.ancestors(annotation) if a.type == "method_declaration"), None)
    if method is None or not re.match(r"@ExceptionHandler\b", file.text(annotation)):
        return
    caught = file.text(annotation) + file.text(method.child_by_field_name("parameters"))
    parameter = re.search(r"\b(?:Exception|Throwable|RuntimeException|SQLException)\s+(\w+)", caught)
    body = method.child_by_field_name("body")
    if parameter is not None and body is not None:
        yield from _told(body, parameter[1], file, answers=True)


def _told(body: Node, name: str, file: JavaFile, *, answers: bool) -> Iterator[Hit]:
    """The first place at which the error named *name* goes into an answer. *answers*: what is returned is one."""
    text = re.compile(
        rf"\b{re.escape(name)}\.(?:getMessage|getLocalizedMessage|toString|getStackTrace|getCause)\(\)|\+\s*{name}\b|getStackTrace\w*\({name}"
    )
    for call in file.descendants(body, "method_invocation", "return_statement"):
        said = file.text(call)[:1_000]
        if call.type == "return_statement":
            tells = answers and text.search(said) is not None and "log." not in said
        elif file.text(call.child_by_field_name("name")) == "printStackTrace":
            tells = (
                re.search(r"\((?:.{0,60}(?:getWriter|[wW]riter|\bout\b|\bpw\b))", said) is not None
                and "System" not in said
            )
        else:
            given = call.child_by_field_name("arguments")
            head = said[: given.start_byte - call.start_byte] if given is not None else ""
            tells = _ANSWER.search(head) is not None and "System." not in head and text.search(said) is not None
        if tells:
            trace = "StackTrace" in said
            what = "the trace of the error" if trace else "the text of whatever went wrong"
            yield Hit(
                file.head_span(call), f"The answer has {what}", severity=Severity.MEDIUM if trace else Severity.LOW
            )
            return


def _is_route(node: Node, file: JavaFile) -> bool:
    method = next((a for a in file.ancestors(node) if a.type == "method_declaration"), None)
    head = file.text(method)[:400].partition("{")[0] if method is not None else ""
    return re.search(r"@(?:\w{1,20}Mapping|GET|POST|PUT|DELETE|PATCH|Path)\b", head) is not None


CHECKS = (logged_secret, caught_error, handled_error)
