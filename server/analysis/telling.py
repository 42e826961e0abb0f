"""What a log or an answer is told: the names of the values in a call's arguments, in the languages of tree-sitter.

A value counts where it becomes part of the text as it is; what a function makes of it (`mask(password)`) does not, but
for those that only write it down (`JSON.stringify`, `String.format`, `print_r`).
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.rule import Hit
from server.analysis.text.looks import snake
from server.analysis.tree import TreeFile
from server.reviews.finding import Confidence

_HOLDS = frozenset(
    {
        *("arguments", "argument_list", "argument", "template_string", "template_substitution", "binary_expression"),
        *(
            "object",
            "encapsed_string",
            "interpolation",
            "string",
            "array_creation_expression",
            "hash",
            "binary",
            "array",
        ),
        *("parenthesized_expression", "unary_expression", "parenthesized_statements", "composite_literal"),
        *("literal_value", "array_element_initializer", "literal_element", "text_interpolation"),
    }
)
_KEYED = frozenset({"pair", "keyed_element", "array_element_initializer"})
_CALLS = frozenset(
    {
        *("call_expression", "method_invocation", "function_call_expression", "member_call_expression"),
        *("scoped_call_expression", "call"),
    }
)
_NAMES = frozenset(
    {
        *("identifier", "variable_name", "instance_variable", "shorthand_property_identifier", "global_variable"),
        *("member_expression", "selector_expression", "field_access", "member_access_expression", "constant"),
    }
)
_INDEXED = frozenset({"subscript_expression", "index_expression", "element_reference"})
_WRITES_DOWN = re.compile(
    r"(?:JSON\.stringify|String\.(?:format|valueOf)|fmt\.Sprint\w{0,2}|print_r|json_encode|var_export|sprintf|serialize"
    r"|\.(?:inspect|to_s|to_json|to_h|to_unsafe_h|toString|all|String|toJson|dump))$|^(?:Map|List)\.of$"
)
_READS = re.compile(r"(?:^|\.|>|:)(?:get|FormValue|PostFormValue|PostForm|Query|getParameter|input|post)$")
_GETTER = re.compile(r"^get_(?P<name>\w+)$")

SECRET = re.compile(
    r"^(?:\w*_)?(?:password|passwd|pwd|pw|passwort|passphrase|secret|secret_key|api_?key|private_key|access_token|refresh_token"
    r"|auth_token|api_token|session_token|reset_token|bearer_token|id_token|jwt|jwt_token|otp|otp_code|cvv|cvc|ssn"
    r"|credit_card\w*|card_number|client_secret|(?:reset|verification|recovery|one_time|two_factor|login)_code|credentials|creds|pin_code|security_answer|authorization)\d?$"
)
ABOUT = re.compile(
    r"^(?:has|is|no|num|n|len|count|use|needs?|require|requires|show|hide|min|max|missing|invalid|change|forgot)_|field|name"
    r"|length|hash|prompt|label|error|file|path|url|count|expire|policy|format|type|masked|redacted|hint"
)
"""Of names with underscores: they say something about a secret, and are none."""

PLAIN_TOKEN = re.compile(r"^token$")
_OF_PEOPLE = re.compile(r"reset|verif|confirm|auth|session|login|jwt|access|issued|bearer", re.IGNORECASE)


def logged(call: Node, arguments: Node, file: TreeFile, *, named: str = "") -> Iterator[Hit]:
    """That a call, which writes its arguments to a log, writes a secret. *named*: one that its language found."""
    name = told_secret(arguments, file) or named
    whole = "" if name else told_whole(arguments, file)
    if name or whole:
        confidence = Confidence.MEDIUM if name else Confidence.LOW
        yield Hit(file.head_span(call), f"{name or whole} is written to the log", confidence=confidence)


def told(node: Node, file: TreeFile) -> Iterator[Node]:
    """The names, members, elements and calls whose values become part of the text."""
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if at.type in _KEYED and at.named_child_count > 1:
            waiting.append(at.named_children[-1])
        elif at.type in _NAMES or at.type in _INDEXED:
            yield at
        elif at.type in _CALLS:
            if _WRITES_DOWN.search(callee_text(at, file)):
                waiting.extend(part for part in at.named_children if part.type not in ("identifier", "name"))
                receiver = at.child_by_field_name("object") or at.child_by_field_name("receiver")
                if receiver is not None:
                    waiting.append(receiver)
            yield at
        elif at.type in _HOLDS or at.type.startswith("formatted"):
            waiting.extend(at.named_children)


def callee_text(call: Node, file: TreeFile) -> str:
    """All that stands before the arguments: `$this->logger->info`, `c.Status(500).SendString`."""
    given = call.child_by_field_name("arguments")
    end = given.start_byte if given is not None else call.end_byte
    text = file.source.encoded[max(call.start_byte, end - 300) : end].decode("utf-8", "replace")
    return text.replace("->", ".").replace("::", ".").strip()


def name_of(value: Node, file: TreeFile) -> str:
    """The last name of a value, in small letters: `password` of `user.password`, `params[:password]`,
    `user.getPassword()` and `r.FormValue("password")`.
    """
    if value.type in _INDEXED:
        return snake(file.text(value)[:200].rpartition("[")[2])
    if value.type in _CALLS:
        callee = callee_text(value, file)
        if _READS.search(callee):
            given = value.child_by_field_name("arguments")
            return snake(file.text(given)[:80])
        name = snake(callee.rpartition(".")[2])
        getter = _GETTER.match(name)
        return getter["name"] if getter else name if value.child_by_field_name("arguments") is None else ""
    return snake(re.split(r"\.|->|::", file.text(value)[-200:])[-1])


def told_secret(arguments: Node, file: TreeFile) -> str:
    """The name of a secret among what is told, or ""."""
    text = file.text(arguments)[:2_000]
    for value in told(arguments, file):
        name = name_of(value, file)
        if (SECRET.match(name) and not ABOUT.search(name)) or (PLAIN_TOKEN.match(name) and _OF_PEOPLE.search(text)):
            return name
    return ""


_LOGS_IN = re.compile(
    r"passw|credential|authorization|card_?number|\bcvv\b|['\"/](?:log-?in|sign-?in|sign-?up|register)\b", re.IGNORECASE
)
_WHOLE_REQUEST = re.compile(
    r"^(?:(?:req|request|ctx\.request|c\.Request|\$request|this\.request)\.(?:body|form|Form|PostForm|raw_post)|event|params"
    r"|\$_POST|\$_REQUEST|request\.params|(?:\$request|request\(\))(?:\.|->)all\(\)|event\.body|ctx\.request\.body)$"
)
_WHOLE_HEADERS = re.compile(r"^(?:req|request|ctx|r)\.(?:headers|Header)$|^getallheaders\(\)$")
_WHOLE_ENVIRONMENT = re.compile(r"^(?:process\.env|os\.Environ\(\)|\$_ENV|ENV|System\.getenv\(\))$")
_FORM_OF_LOGIN = re.compile(
    r"^(?:user_)?(?:login|log_in|signin|sign_in|signup|sign_up|register|registration|credentials?|creds|auth)"
    r"_?(?:dto|request|req|form|body|data|payload|input|params|info)?$"
)


def told_whole(arguments: Node, file: TreeFile) -> str:
    """What holds secrets among the rest, where it is told as a whole: the body of a login, all headers."""
    says_login = re.search(r"log ?in\b|sign|auth|passw|regist", file.text(arguments)[:400], re.IGNORECASE) is not None
    for value in told(arguments, file):
        text = file.text(value)[:200]
        if _WHOLE_ENVIRONMENT.match(text):
            return "the environment"
        if _WHOLE_HEADERS.match(text):
            return "every header"
        if _WHOLE_REQUEST.match(text) and (says_login or _LOGS_IN.search(_function_around(value, file))):
            return "all that people send to log in"
        if value.type in ("identifier", "variable_name") and _is_form_of_login(text.lstrip("$"), file):
            return "all that people send to log in"
    return ""


def _function_around(node: Node, file: TreeFile) -> str:
    """The text of the nearest function, of its name or its route."""
    for ancestor in file.ancestors(node):
        if (
            re.search(r"function|method|lambda|func_literal|do_block|^block$", ancestor.type)
            and ancestor.type != "block"
        ):
            return file.source.encoded[max(0, ancestor.start_byte - 80) : ancestor.start_byte + 3_000].decode(
                "utf-8", "replace"
            )
    return file.source.text[:3_000]


def _is_form_of_login(name: str, file: TreeFile) -> bool:
    """By its name, or by its type: `LoginRequest request`, `var creds Credentials`, `body: LoginDto`."""
    if _FORM_OF_LOGIN.match(snake(name)) and snake(name) not in ("auth", "login", "register", "signup"):
        return True
    return bool(
        re.fullmatch(r"\w{1,40}", name)
        and re.search(
            rf"\b(?:\w{{0,20}}(?:Login|Credentials|SignUp|Signup|Register)\w{{0,20}}\s+{name}(?=\s{{0,4}}[,);=])|{name}\s*:?\s+"
            rf"\w{{0,20}}(?:Login|Credentials|SignUp|Signup|Register)\w{{0,20}})\b",
            file.source.text,
        )
    )
