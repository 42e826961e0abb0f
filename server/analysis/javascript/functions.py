"""Functions of JavaScript as the other languages' are looked at (`web/lowered`): what only their own text can show of
money, mails, tables and passwords, and whole records of users that are sent to whoever asks.

Routes and guards are told by words instead, in `routes.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from server.analysis.budget import Budget
from server.analysis.flow import program as p
from server.analysis.flow.analysis import lower
from server.analysis.flow.rules import REGEX_FROM_REQUEST, RESOURCE_EXHAUSTION
from server.analysis.javascript import records
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.functions_examples import BAD, GOOD
from server.analysis.javascript.records import Records
from server.analysis.project import Found, ProjectCheck
from server.analysis.python.storage import PLAIN_PASSWORD
from server.analysis.rule import Problem
from server.analysis.text.credentials import HARDCODED_KEY
from server.analysis.web.amounts import CLIENT_PRICE, NEGATIVE_AMOUNT, OUTRUN_CHECK
from server.analysis.web.columns import SECRET_FIELD
from server.analysis.web.decisions import CLIENT_IDENTITY
from server.analysis.web.enumeration import USER_ENUMERATION
from server.analysis.web.facts import Suspect
from server.analysis.web.formulas import CSV_FORMULA
from server.analysis.web.lowered import (
    accounts,
    allocations,
    amounts,
    answers,
    decisions,
    formulas,
    keys,
    links,
    passwords,
    patterns,
    uploads,
)
from server.analysis.web.lowered.body import Body, Requests, chain, walk
from server.analysis.web.lowered.outline import Defined, Outline
from server.analysis.web.sessions import PASSWORD_WITHOUT_OLD, RESET_LINK_HOST, RESET_WITHOUT_PROOF
from server.analysis.web.uploads import UNCHECKED_UPLOAD

REQUESTS = Requests(
    names=frozenset(),
    parts=frozenset(
        {"body", "query", "params", "headers", "cookies", "json", "formData", "nextUrl", "rawBody", "files"}
    ),
    holders=frozenset({"req", "request", "ctx", "c", "context", "event"}),
)
_SUSPECTING = (
    allocations.suspects,
    amounts.suspects,
    formulas.suspects,
    links.suspects,
    passwords.suspects,
    patterns.suspects,
    accounts.easy_change,
    answers.suspects,
    decisions.suspects,
    keys.suspects,
    uploads.suspects,
)
_FILLING = frozenset({"Body", "Query", "Param", "Headers", "Payload", "MessageBody", "Args"})
_VERBS = frozenset({"Get", "Post", "Put", "Patch", "Delete", "All", "Query", "Mutation", "MessagePattern"})
_HASHES_BY_HOOK = re.compile(
    r"\.pre\(\s*\[?\s*['\"](?:save|findOneAndUpdate)|\bbefore(?:Create|Save|Update|BulkCreate)\b|@Before(?:Insert|Update)\b"
    r"|passport-local-mongoose|\$extends\(|@Transform\(|set\s+password\s*\(|@Prop\([^)]*set:|better-auth|next-auth"
)
_USE_SERVER = re.compile(r"\A(?:\s|//[^\n]{0,200}\n)*['\"]use server['\"]")


class FunctionsOf(NamedTuple):
    """Of one file. *hashes*: what is kept passes a hook that may hash passwords."""

    suspects: tuple[Suspect, ...]
    records: Records
    hashes: bool


def functions_of(file: JavaScriptFile) -> FunctionsOf | None:
    module = lower(file)
    if module is None or module.is_test:
        return None
    outline = Outline(module, file.source)
    is_action = _USE_SERVER.match(file.source.text) is not None
    bodies = [(_body(one, outline, is_action), one) for one in _all(outline.functions)]
    bodies.append((_body(Defined(_top(outline), None), outline, is_action=False), Defined(_top(outline), None)))
    suspects = [suspect for body, _ in bodies for look in _SUSPECTING for suspect in look(body)]
    kept = records.of(bodies, outline)
    hashes = _HASHES_BY_HOOK.search(file.source.text) is not None
    return FunctionsOf(tuple(suspects), kept, hashes) if suspects or hashes or not kept.is_empty else None


def _all(defined: Iterable[Defined]) -> Iterator[Defined]:
    """With the functions within functions; of a plugin the handlers that it puts to an application, each by itself."""
    waiting = list(defined)
    while waiting:
        one = waiting.pop()
        within = list(walk(*one.function.body))
        handlers = [n.function for n in within if isinstance(n, p.Closure) and _takes_request(n.function)]
        if not handlers:
            yield one
        waiting += (Defined(function, one.cls) for function in handlers)
        waiting += (Defined(n.function, one.cls) for n in within if isinstance(n, p.Define))


def _takes_request(function: p.Function) -> bool:
    return any(param.name in REQUESTS.holders for param in function.params[:2])


def _top(outline: Outline) -> p.Function:
    """What stands outside of all functions, as one."""
    return p.Function("", "", [], outline.top, 1, 1)


def _body(one: Defined, outline: Outline, is_action: bool) -> Body:
    function = one.function
    filled = {q.name for q in function.params if any(chain(d).rpartition(".")[2] in _FILLING for d in q.decorators)}
    if is_action and one.cls is None:
        filled |= {q.name for q in function.params}
    is_routed = any(chain(d).rpartition(".")[2] in _VERBS for d in function.decorators)
    takes = _takes_request(function)
    return Body(
        outline.source,
        REQUESTS,
        function,
        is_routed or is_action or takes,
        frozenset(filled),
        frozenset(),
        outline.constants,
    )


def conclude(facts: Mapping[str, FunctionsOf], budget: Budget) -> Iterator[Found]:
    hashed = any(fact.hashes for fact in facts.values())
    for path, fact in facts.items():
        budget.spend()
        for suspect in fact.suspects:
            if suspect.needs != passwords.KEPT or not hashed:
                yield Found(path, Problem(suspect.rule, suspect.hit))
    yield from records.told({path: fact.records for path, fact in facts.items()})


FUNCTIONS: ProjectCheck[FunctionsOf] = ProjectCheck(
    name="functions in JavaScript",
    rules=(
        *(HARDCODED_KEY, RESOURCE_EXHAUSTION, REGEX_FROM_REQUEST, CLIENT_IDENTITY, UNCHECKED_UPLOAD),
        *(OUTRUN_CHECK, CLIENT_PRICE, NEGATIVE_AMOUNT, CSV_FORMULA, RESET_LINK_HOST, PLAIN_PASSWORD, USER_ENUMERATION),
        *(SECRET_FIELD, PASSWORD_WITHOUT_OLD, RESET_WITHOUT_PROOF),
    ),
    reads=(JavaScriptFile,),
    extract=functions_of,
    conclude=conclude,
    bad=BAD,
    good=GOOD,
)
