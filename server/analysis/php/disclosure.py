"""What gets out of PHP programs that should not: the inside of errors to visitors, secrets to logs."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.php.file import PhpFile
from server.analysis.python.logs import LOGGED_SECRET
from server.analysis.rule import Hit, check
from server.analysis.telling import callee_text, logged
from server.analysis.web.disclosure import ERROR_DETAILS
from server.reviews.finding import Severity

_LOGS = re.compile(
    r"^(?:error_log|syslog|trigger_error|log_message|logger|info)$|(?:^|\.)(?:Log|\$?\w*[lL]og(?:ger)?(?:\(\))?)\."
    r"(?:info|debug|warning|error|notice|critical|log|write|alert|addInfo|channel\w*)$"
)


@check(
    LOGGED_SECRET,
    on=("function_call_expression", "member_call_expression", "scoped_call_expression"),
    bad=(
        "<?php error_log(\"login failed: $name / \" . $_POST['password']);\n",
        "<?php Log::debug('Password: '.$password);\n",
        "<?php $this->logger->info('Auth', ['password' => $password]);\n",
        "<?php function login() { error_log('Login: ' . print_r($_POST, true)); check($_POST['password']); }\n",
        '<?php file_put_contents("app.log", "user $user password $password\\n", FILE_APPEND);\n',
    ),
    good=(
        '<?php error_log("login failed: $name");\n',
        "<?php Log::info('password changed', ['user' => $id]);\n",
        "<?php error_log(mask($password));\n",
        "<?php error_log('paid: ' . print_r($_POST, true));\n",
    ),
)
def logged_secret(call: Node, file: PhpFile) -> Iterator[Hit]:
    callee, given = callee_text(call, file), call.child_by_field_name("arguments")
    if given is None:
        return
    to_file = callee.lower() in ("file_put_contents", "fwrite", "fputs") and re.search(
        r"\blog|\.log", file.text(given).partition(",")[0], re.IGNORECASE
    )
    if not to_file and not _LOGS.search(callee):
        return
    yield from logged(call, given, file)


_OF_DATABASE = re.compile(r"\b(?:mysqli?_(?:connect_)?error|pg_last_error|sqlite_last_error|errorInfo|connect_error)\b")
_FOR_TERMINALS = re.compile(r"\$argv\b|php_sapi_name\(\)|PHP_SAPI|^#!|STDERR|extends Command\b", re.MULTILINE)


@check(
    ERROR_DETAILS,
    on=(
        "echo_statement",
        "exit_statement",
        "return_statement",
        "function_call_expression",
        "member_call_expression",
        "print_intrinsic",
    ),
    bad=(
        "<?php try { f(); } catch (Exception $e) { echo $e->getMessage(); }\n",
        '<?php try { f(); } catch (PDOException $e) { die("failed: " . $e->getMessage()); }\n',
        "<?php $r = mysqli_query($c, $q) or die(mysqli_error($c));\n",
        "<?php try { f(); } catch (\\Throwable $e) { return response()->json(['error' => $e->getMessage()], 500); }\n",
    ),
    good=(
        "<?php try { f(); } catch (Exception $e) { error_log($e->getMessage()); echo 'failed'; }\n",
        "<?php try { f(); } catch (NotFound $e) { echo $e->getMessage(); }\n",
        "<?php die('no database');\n",
        "<?php $run = $argv[1]; try { f(); } catch (Exception $e) { echo $e->getMessage(); }\n",
    ),
)
def error_in_answer(node: Node, file: PhpFile) -> Iterator[Hit]:
    text = file.text(node)[:1_000]
    if not _is_answer(node, text, file) or _FOR_TERMINALS.search(file.source.text):
        return
    found = re.search(r"(?P<name>\$\w{1,40})(?:->|\?->)(?:getMessage|getTraceAsString|getTrace|__toString)\(\)", text)
    told = found is not None and _BROAD.search(_caught_as(node, found["name"], file))
    if told or (_OF_DATABASE.search(text) and node.type != "return_statement"):
        trace = "getTrace" in text
        what = "the trace of the error" if trace else "the text of whatever went wrong"
        yield Hit(file.head_span(node), f"The answer has {what}", severity=Severity.MEDIUM if trace else Severity.LOW)


_BROAD = re.compile(r"\b(?:Exception|Throwable|Error|PDOException|mysqli_sql_exception|QueryException|DBALException)\b")


def _is_answer(node: Node, text: str, file: PhpFile) -> bool:
    if node.type in ("echo_statement", "exit_statement", "print_intrinsic"):
        return True
    if node.type == "return_statement":
        return (
            re.search(r"\breturn\s+(?:new\s+\w{0,20}Response\b|response\(|back\(|redirect\(|\$response\b)", text)
            is not None
        )
    return re.search(r"(?:^|->|::)(?:die|exit)$|getBody\(\)->write$|^wp_die$", callee_text(node, file)) is not None


def _caught_as(node: Node, name: str, file: PhpFile) -> str:
    """The types under which the variable was caught."""
    for ancestor in file.ancestors(node):
        if ancestor.type == "catch_clause":
            head = file.text(ancestor).partition("{")[0]
            if name in head:
                return head.replace("Error", "Error ")
    return ""


CHECKS = (logged_secret, error_in_answer)
