"""Secrets in Java that can be guessed: from `java.util.Random` and its like, or from the clock."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.guessable import guessed
from server.analysis.java.file import JavaFile
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.analysis.rules import PREDICTABLE_SECRET

_DRAWS = ("nextInt", "nextLong", "nextBytes", "nextDouble", "nextFloat", "ints", "longs")
_LIBRARY = ("randomAlphanumeric", "randomAlphabetic", "randomNumeric", "randomAscii")


@check(
    PREDICTABLE_SECRET,
    on=called(*_DRAWS, *_LIBRARY, "random"),
    bad=(
        "class A { String resetToken() { return String.valueOf(new Random().nextInt()); } }\n",
        "class A { void f() { String sessionId = Long.toHexString(new java.util.Random().nextLong()); } }\n",
        "class A { String newToken() { return Long.toString(ThreadLocalRandom.current().nextLong()); } }\n",
        "class A { Random random = new Random();\n"
        '  String f() { String code = String.format("%06d", random.nextInt(10)); return code; } }\n',
        "class A { String otp() { return String.valueOf((int) (Math.random() * 900000) + 100000); } }\n",
        "class A { String token = RandomStringUtils.randomAlphanumeric(32); }\n",
        "class A { String newPassword() { StringBuilder sb = new StringBuilder(); Random r = new Random();\n"
        "  for (int i = 0; i < 8; i++) sb.append(CHARS.charAt(r.nextInt(62))); return sb.toString(); } }\n",
    ),
    good=(
        "class A { String resetToken() { return String.valueOf(new SecureRandom().nextInt()); } }\n",
        "class A { int jitter() { return new Random().nextInt(100); } }\n",
        "class A { Random r = new SecureRandom(); String newToken() { return Long.toString(r.nextLong()); } }\n",
        "class A { int roll = (int) (Math.random() * 6); String id = RandomStringUtils.randomAlphanumeric(8); }\n",
        "class A { String token = RandomStringUtils.secure().nextAlphanumeric(32); }\n",
    ),
)
def predictable_secret(call: Node, file: JavaFile) -> Iterator[Hit]:
    generator = _generator(call, file)
    if generator and guessed(call, file, may_pick="StringUtils" not in generator):
        yield Hit(file.span(call), f"A secret made with {generator}")


def _generator(call: Node, file: JavaFile) -> str:
    """What is asked for a number, where it is made for simulations."""
    name = file.text(call.child_by_field_name("name"))
    receiver = file.text(call.child_by_field_name("object"))
    if receiver in ("Math", "RandomStringUtils"):
        return f"{receiver}.{name}()" if (receiver == "Math") == (name == "random") else ""
    if name not in _DRAWS:
        return ""
    if re.match(r"new (?:java\.util\.)?Random\(|ThreadLocalRandom\.current\(\)", receiver):
        return receiver.removeprefix("new ").partition("(")[0]
    if not re.fullmatch(r"(?:this\.)?\w{1,60}", receiver):
        return ""
    bare = receiver.removeprefix("this.")
    text = file.source.text
    declared = re.search(rf"\b(?:Random|ThreadLocalRandom)\s+{bare}\b", text)
    return "Random" if declared and not re.search(rf"\b{bare}\s*=\s*new\s+SecureRandom\b", text) else ""


CHECKS = (predictable_secret,)
