"""What the functions of a server file do, for the routes that lead to them: whom they ask for, what they take by a key.

Told by words, not by flow.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tree_sitter import Node

from server.analysis.javascript.accounts import FUNCTIONS
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.source import Span


class Body(NamedTuple):
    """What a handler does. *by_key*: the first place where an object is taken by what the address names; *acts*: it
    changes or removes something; *asks*: it looks at who is there; *owns*: it asks whose the object is; *ranks*: it
    asks for a role; *stores*: it speaks with a database; *hands*: the functions that it gives such a key, and where.
    """

    password: bool
    by_key: Span | None
    acts: bool
    asks: bool
    owns: bool
    ranks: bool
    stores: bool
    hands: tuple[tuple[str, Span], ...] = ()
    verifies: bool = False
    """It looks at a signature or a shared secret."""
    limits: bool = False
    """It counts attempts."""
    refuses: bool = False
    """It turns away whom it does not know."""


_PASSWORD = re.compile(
    r"passw|\bpwd\b|\.(?:log_?in|sign_?in|authenticate)\(\s*(?:req|request|ctx|body|credentials|dto)\b", re.IGNORECASE
)
_KEY = re.compile(r"\b(?:req|request|ctx)\.params\.(\w+)|\bparams\.(\w+)")
_DECORATED = re.compile(
    r"@Param\([^)]{0,60}\)\s*(\w+)|@Args\(\s*['\"](?:id|\w+(?:Id|_id))['\"](?:[^()]|\([^()]{0,60}\)){0,80}\)\s*(\w+)"
)
_BODY_KEY = re.compile(r"\b(?:req|request|ctx\.request)\.(?:body|query)\.(id|_id|\w*Id|\w*_id)\b")
_TAKEN_ID = re.compile(r"\{([^{}]{1,200})\}\s*=\s*(?:await\s+)?(?:req|request|ctx\.request)\.(?:body|query|json\(\))")
_TAKEN = re.compile(r"\{([^{}]{1,200})\}\s*=\s*(?:await\s+)?(?:(?:req|request|ctx)\.)?params\b")
_BY_KEY = re.compile(
    r"(?<!\baxios)(?<!\bhttp)(?<!\bgot)(?<!lient)\.(?:\w*[bB]yId\w*|findByPk|findOne\w*|findUnique\w*|findFirst|find|get|update\w*|delete\w*|destroy|remove|query"
    r"|execute|run|one|oneOrNone|where|del|doc|\$query\w*)\s*\("
    r"|\b(?:query|run|one|all|get|execute|(?:Get|Delete|Update|Query)(?:Item)?Command)\("
)
_CHANGES = re.compile(
    r"\.(?:save|create|del|insert\w*|update\w*|upsert\w*|delete\w*|destroy|remove|findByIdAnd\w+|findOneAnd\w+|bulk\w+)\s*\("
    r"|\b(?:insert\s+into|update\s+\w+\s+set|delete\s+from)\b|\bunlink\w*\(|\bexec\w*\(",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"\b(?:req|request|ctx)(?: as [\w.<>]+\))?\.(?:session\.\w*(?:user|id|account|login|auth|admin)|user\b|userId"
    r"|auth\b|isAuthenticated|state\.user)"
    r"|getServerSession|getSession\(|currentUser|requireUser|\bauth\(\)|getUser\(|\bsession\b|\bverify\w*\(|authorization\b"
    r"|\b(?:req|request|ctx)\.(?!body|query|params|headers|cookies|files?\b|log\b|raw\b|socket)\w+[!?]?\.(?:id|_id|sub|userId)\b"
    r"|res\.locals\.user|\b401\b|\b403\b|getToken\(|api[-_]?key|\buser(?:Of)?\(\s*(?:req|request|ctx)\b"
    r"|(?:require|ensure|check|assert|current|get|verify)_?\w{0,20}(?:session|user|auth|admin|log_?in)\w{0,20}\(",
    re.IGNORECASE,
)
_OWNS = re.compile(
    r"owner|author(?!i[sz]|ity)|user_?id|created_?by|account_?id"
    r"|\b(?:req|request|ctx)(?: as [\w.<>]+\))?\.(?:user|session|auth|state)\b|session\.|currentUser\b(?!\()"
    r"|\buser(?:Of)?\(\s*(?:req|request|ctx)\b|\b(?:user|me|claims)\??\.(?:id|_id|sub|uuid|email)\b"
    r"|\b(?:req|request|ctx)\.(?!body|query|params|headers|cookies|files?\b|log\b|raw\b|socket)\w+[!?]?\.(?:id|_id|sub|userId)\b"
    r"|res\.locals|isOwner|canAccess|can\(|(?<!un)authori[sz]e|policy|permission|tenant|\b403\b",
    re.IGNORECASE,
)
_RANKS = re.compile(
    r"\b(?:req|request|ctx|session|user|currentUser|account|me|claims|token|payload|auth)\b"
    r"(?!\.(?:body|query|params|request)\b)[\w.?!\[\]'\"]*"
    r"(?:admin|roles?|permissions?|scopes?|staff|superuser)\b|has_?(?:Role|Permission)|\bcan\(|\w*admin\w*\(",
    re.IGNORECASE,
)
_STORES = re.compile(
    r"\bawait\s+[\w.]+\.(?:find\w*|get\w*|list\w*|all|query|select|count\w*|aggregate|execute|raw)\s*\(|\bdb\.\w+\("
    r"|\.find(?:All|Many|\w*)\s*\(|\.query\s*\(|process\.env\b",
)
_VERIFIES = re.compile(r"sign|hmac|secret|constructEvent|verif|digest|timingSafe|token|auth|svix", re.IGNORECASE)
_LIMITS = re.compile(r"attempts|lock(?:ed|out)|limiter|throttl|\b429\b|too_?many", re.IGNORECASE)
_REFUSES = re.compile(
    r"\b40[13]\b|unauthori[sz]ed|forbidden|redirect\(\s*['\"`]/?(?:log|sign|auth)|next\(\s*new\b", re.IGNORECASE
)
_BESIDE = re.compile(
    r"\b(?:include|populate|relations|with|select)\b\s*[:(]\s*(?:\{[^{}]{0,200}\}|\[[^\[\]]{0,200}\]|['\"][^'\"]{0,80}['\"])"
)
"""What is read beside an object: that it has an owner asks nobody who that is."""
_LONGEST = 8_000


def body_of(function: Node, file: JavaScriptFile, *, is_action: bool = False) -> Body:
    """*is_action*: what it is given, anybody may have chosen."""
    text = file.text(function)[:_LONGEST]
    own = _key_parameters(function, file) if is_action else []
    wanted = _keys_of_requests(text, own)
    return Body(
        password=_PASSWORD.search(text) is not None,
        by_key=_by_key(function, text, wanted, file),
        acts=_CHANGES.search(text) is not None,
        asks=ASKS.search(text) is not None,
        owns=_OWNS.search(_BESIDE.sub("", text)) is not None,
        ranks=_RANKS.search(text) is not None,
        stores=_STORES.search(text) is not None,
        hands=tuple(_hands(function, text, wanted, file)) if wanted is not None else (),
        verifies=_VERIFIES.search(text) is not None,
        limits=_LIMITS.search(text) is not None,
        refuses=_REFUSES.search(text) is not None,
    )


def takers_of(file: JavaScriptFile) -> Iterator[tuple[str, bool]]:
    """Methods and functions of services and repositories: given a key and nothing of whose, they take its object."""
    for kind in ("method_definition", "function_declaration", "public_field_definition", "variable_declarator"):
        for node in file.nodes(kind):
            function = node.child_by_field_name("value") if kind[0] in "pv" else node
            if function is None or (function is not node and function.type not in FUNCTIONS):
                continue
            keys = _key_parameters(function, file)
            text = file.text(function)[:_LONGEST] if keys else ""
            if not keys or _OWNS.search(text) or ASKS.search(text):
                continue
            wanted = _any_of(keys)
            if any(wanted.search(text, hit.end(), hit.end() + 200) for hit in _BY_KEY.finditer(text)):
                yield file.text(node.child_by_field_name("name")), _CHANGES.search(text) is not None


_KEY_NAME = re.compile(r"_?id|\w+(?:Id|_id|ID)|uuid|pk|slug")


def _key_parameters(function: Node, file: JavaScriptFile) -> list[str]:
    given = function.child_by_field_name("parameters")
    names = (file.text(child).partition(":")[0].strip(" ?") for child in given.named_children) if given else ()
    return [name for name in names if _KEY_NAME.fullmatch(name)]


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names))


_CALL = re.compile(r"\b(\w+)\(")


def _hands(function: Node, text: str, wanted: re.Pattern[str], file: JavaScriptFile) -> Iterator[tuple[str, Span]]:
    first = function.start_point.row + 1
    for index, line in enumerate(text.split("\n")):
        for hit in _CALL.finditer(line):
            if wanted.search(line, hit.end()):
                yield hit[1], file.source.line_span(first + index)


def _keys_of_requests(text: str, own: Sequence[str]) -> re.Pattern[str] | None:
    """What a path parameter is called in the function, or another key that the request names."""
    names = {name for hit in _KEY.finditer(text) for name in hit.groups() if name}
    direct = r"params\.\w+" if names else ""
    taken = [
        name.strip().partition(":")[2].strip() or name.strip()
        for hit in _TAKEN.finditer(text)
        for name in hit[1].split(",")
    ]
    taken += [hit[1] or hit[2] for hit in _DECORATED.finditer(text)]
    given = [name.strip() for hit in _TAKEN_ID.finditer(text) for name in hit[1].split(",")]
    taken += [name for name in given if re.fullmatch(r"_?id|\w+(?:Id|_id)", name)]
    direct = "|".join(filter(None, (direct, *(re.escape(hit[0]) for hit in _BODY_KEY.finditer(text)))))
    taken += own
    words = "|".join(filter(None, (direct, *(rf"\b{re.escape(name)}\b" for name in taken if name.isidentifier()))))
    return re.compile(words) if words else None


def _by_key(function: Node, text: str, wanted: re.Pattern[str] | None, file: JavaScriptFile) -> Span | None:
    """The line of the first call to the database that a path parameter is given to."""
    if wanted is None:
        return None
    first = function.start_point.row + 1
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if _BY_KEY.search(line) and wanted.search("\n".join(lines[index : index + _CALL_LINES])):
            return file.source.line_span(first + index)
    return None


_CALL_LINES = 4
"""Over how many lines a call to the database is mostly written."""
