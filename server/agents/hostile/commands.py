"""Words that are meant for a model, not for people: how one notices them, as data.

No wall: who words it differently is not seen. It is there so that people hear of who tries. What keeps harm away is
that the model's process can do nothing, its tools only read what is pinned, and its answers are checked.
"""

from collections.abc import Iterator
from typing import Any

import re2

MAX_FOUND = 20
MAX_LENGTH = 200
"""Of what is quoted of one."""
MAX_MATCHER_BYTES = 64 * 1024 * 1024


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


def _near(most: int) -> str:
    """Something between, in the same sentence."""
    return rf"[^\n.;]{{0,{most}}}\b"


_MODEL = _any(
    *("AIs?", r"A\.I\.", "LLMs?", "language models?", "claude", "chatgpt", "gpt", "copilot", "gemini", "assistants?"),
    "(?:AI|coding|code|automated) (?:assistants?|agents?|reviewers?|bots?|tools?)",
    "review(?:er)? (?:bots?|agents?)",
)
_RULES = _any(
    *("instructions?", "prompts?", "directions?", "directives", "guidelines", "guardrails", "rules", "training"),
    *("system messages?", "context above"),
)
_VALUABLE = _any(
    *("api[ _-]?keys?", "access tokens?", "tokens?", "secrets?", "credentials?", "passwords?", "private keys?"),
    *("environment variables?", r"environ\b", "system prompts?", "/proc/self", "id_rsa", r"\.env\b"),
)
_ACTS = _any(
    *("approve", "ignore", "skip", "report", "mark", "say", "answer", "respond", "reply", "print", "include", "output"),
    *("run", "execute", "call", "use", "read", "merge", "treat", "flag"),
)
_GIVE = _any(
    *("print", "reveal", "send", "post", "upload", "exfiltrate", "leak", "append", "echo", "dump", "encode", "include"),
    *("output", "paste"),
)
_FINDINGS = _any("findings?", "issues?", "problems?", r"vulnerabilit\w+")
_CHANGE = _any("pr", "pull request", "change", "patch", "diff", "commit", "file", "function", "code")
_PEOPLE = _any("the users?", "anyone", "anybody", "humans?", "people")

_PHRASES = (
    r"\b(?:ignore|disregard|forget|override|bypass|do not follow|stop following)\b"
    + _near(20)
    + r"(?:all|any|the|your|previous|prior|above|earlier|preceding|other|these|my)\b"
    + _near(25)
    + _RULES,
    r"\b(?:note|attention|instructions?|messages?|important|reminder|notice|hint|request)\b"
    + rf"[^\n]{{0,12}} (?:to|for) (?:the |any |all |an? |every )?{_MODEL}\b",
    rf"\b(?:dear|hey|hello|hi|attention|@) ?(?:the )?{_MODEL}\b\s*[,:!]",
    rf"\b(?:if|when|since|as) you(?:'re| are) (?:an? |the )?{_MODEL}\b",
    r"\byou are (?:now )?(?:an? |the |in )?"
    + _any(_MODEL, "developer mode", r"DAN\b", "unrestricted", "jailbroken", r"root\b", "the system administrator"),
    rf"\b{_MODEL}\s+(?:must|should|shall|has to|have to|needs? to|will now|please)\s+(?:not )?{_ACTS}",
    r"\b(?:do not|don't|never|must not) (?:report|flag|mention|review|comment on|warn about|disclose|tell)\b"
    + _near(40)
    + _any(_FINDINGS, f"this {_CHANGE}", _PEOPLE),
    r"\b(?:approve|merge|accept|lgtm)\b"
    + _near(20)
    + rf"(?:this|the) {_CHANGE}\b"
    + _near(30)
    + "(?:without|immediately|automatically|unconditionally|regardless|now)",
    r"\b(?:mark|rate|classify|treat|consider|report)\b"
    + _near(30)
    + "as (?:safe|secure|approved|harmless|trusted|a false positive|false positives|already reviewed|no issues?)",
    rf"\b{_GIVE}\b"
    + _near(60)
    + rf"(?:your|the|all|any|these|contents? of|every)\b[^\n]{{0,30}}{_VALUABLE}\b"
    + _near(60)
    + r"(?:to|in|into|as|at|with)\b",
    rf"\b(?:repeat|print|reveal|show|output) (?:me )?(?:your|the) (?:system prompt|initial {_RULES}|{_RULES})",
    r"\b(?:call|use|invoke|run) (?:the |your )?(?:read|search|run|bash|shell|fetch|memory)[ _]tool\b",
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[/?INST\]|<<SYS>>",
    r"</?(?:system-reminder|system-prompt|assistant|tool_result|tool_use|function_calls|function_results|antml:\w+)"
    r"(?:\s[^<>\n]{0,200})?>",
    r"(?m:^[\s#/*-]{0,8}(?-i:Human|Assistant|SYSTEM): \S)",
)


def _compiled() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MATCHER_BYTES
    return re2.compile("(?i)" + _any(*_PHRASES), options)


_COMMANDS = _compiled()


def commands_in(text: str) -> Iterator[str]:
    """The first of them, each to the end of its line."""
    data = text.encode("utf-8", "replace")
    at = 0
    for _ in range(MAX_FOUND):
        found = _COMMANDS.search(data, at)
        if found is None:
            return
        end = data.find(b"\n", found.end())
        at = end if end >= 0 else len(data)
        yield data[found.start() : at].strip().decode("utf-8", "replace")[:MAX_LENGTH]
