"""The tools over a pinned snapshot: what they show, what they leave out, and what they answer to a mistake."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.agents.model import ToolResult, ToolSpec, ToolUse
from server.agents.tools import Tool, Toolbox, ToolRefused, snapshot_tools
from server.reviews.finding import Confidence, Finding, Severity
from server.reviews.snapshot import Coverage, LineRange, Memory, Report, SkippedFile, Snapshot, SourceFile

CART = """\
import tax


class Cart:
    def total(self, items):
        return sum(tax.add(item) for item in items)


def checkout(cart):
    if cart.total([]) > LIMIT:
        raise ValueError
    return pay(cart)


LIMIT = 3
"""
PAY = 'package pay\n\nvar apiKey = "q8Zr2LmX0vB7nKt5YwPe"\n\nfunc Pay(c Cart) int { return checkout(c) }\n'
SNAPSHOT = Snapshot(
    "github.com/acme/shop",
    (
        SourceFile("shop/cart.py", CART, changed=(LineRange(9, 12),), base=CART.replace(" > LIMIT", "")),
        SourceFile("shop/new.py", "from shop.cart import checkout\n", changed=(LineRange(1, 1),)),
    ),
    skipped=(SkippedFile("logo.png", "binary"),),
    context=(SourceFile("pay/pay.go", PAY), SourceFile("docs/README.md", "# Shop\n\ntext\n\n## Cart\ncheckout\n")),
    commits=("Limit the checkout",),
    memories=(Memory("LIMIT was 5 before the fraud of May", "a decision", "shop/cart.py", 15),),
)


def found(rule: str, path: str, severity: Severity) -> Finding:
    return Finding("f" * 32, rule, severity, Confidence.HIGH, path, 3, 3, 1, 2, "It is bad", "why", "evidence", 798)


REPORT = Report(
    (found("hive.a", "pay/pay.go", Severity.HIGH), found("hive.b", "shop/cart.py", Severity.LOW)),
    Coverage(partial=(SkippedFile("pay/pay.go", "some of it"),)),
    omitted=2,
)


@pytest.fixture
def box() -> Toolbox:
    return snapshot_tools(SNAPSHOT, REPORT)


async def use(box: Toolbox, tool: str, /, **given: Any) -> ToolResult:
    return await box.use(ToolUse("1", tool, given))


async def shown(box: Toolbox, tool: str, /, **given: Any) -> list[str]:
    """The lines within the frame."""
    result = await use(box, tool, **given)
    assert not result.is_error, result.content
    return result.content.split("\n")[1:-1]


async def refused(box: Toolbox, tool: str, /, **given: Any) -> str:
    result = await use(box, tool, **given)
    assert result.is_error, result.content
    return result.content


async def test_lines_are_numbered_and_those_of_the_change_marked(box: Toolbox) -> None:
    assert await shown(box, "read", path="shop/cart.py", start_line=8, end_line=10) == [
        "shop/cart.py, lines 8-10 of 15",
        "     8  ",
        "     9+ def checkout(cart):",
        "    10+     if cart.total([]) > LIMIT:",
        "[lines 11-15 are left out: start_line=11]",
    ]


async def test_the_base_is_read_with_its_own_lines(box: Toolbox) -> None:
    lines = await shown(box, "read", path="./shop/cart.py", side="base", start_line=10, end_line=10)
    assert lines[:2] == ["shop/cart.py, lines 10-10 of 15 at the base", "    10      if cart.total([]):"]
    assert "is new" in await refused(box, "read", path="shop/new.py", side="base")


async def test_a_secret_in_a_file_is_neither_read_nor_found(box: Toolbox) -> None:
    assert '     3  var apiKey = "[redacted: secret]"' in await shown(box, "read", path="pay/pay.go")
    assert (await shown(box, "search", pattern="q8Zr2L"))[0] == "0 lines in 0 of 4 files"


@pytest.mark.parametrize(
    ("name", "given", "advice"),
    [
        ("read", {"path": "cart.py"}, "nearest: shop/cart.py"),
        ("read", {"path": "shop/cart.pyy"}, "nearest: shop/cart.py"),
        ("read", {"path": "logo.png"}, "binary"),
        ("read", {"path": "shop/cart.py", "start_line": 99}, "has only 15 lines"),
        ("read", {"path": "shop/cart.py", "start_line": 9, "end_line": 3}, "is before"),
        ("read", {"path": "shop/cart.py", "start_line": 0}, "Expected `int` >= 1"),
        ("read", {}, "missing required field `path`"),
        ("read", {"path": 1}, "Expected `str`"),
        ("read", {"path": "shop/cart.py", "lines": 3}, "unknown field `lines`"),
        ("search", {"pattern": "(?=x)"}, "no pattern that RE2 knows"),
        ("search", {"pattern": "x", "paths": "*.rs"}, "no file is like *.rs"),
        ("search", {"pattern": "x", "page": 9}, "there are only 1 pages"),
        ("symbols", {"path": "logo.png"}, "binary"),
        ("references", {"name": "nowhere"}, "nowhere in the files"),
        ("references", {"name": "a b"}, "there is search"),
        ("diff", {"path": "pay/pay.go"}, "not part of the change"),
        ("memory", {"words": "kubernetes"}, "none of the 1 memories"),
        ("write", {"path": "a"}, "there are: files, read, search"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_mistake_is_answered_with_what_to_do(
    box: Toolbox, name: str, given: dict[str, Any], advice: str
) -> None:
    assert advice in await refused(box, name, **given)


async def test_the_search_finds_lines_in_changed_files_first(box: Toolbox) -> None:
    assert await shown(box, "search", pattern="^def|checkout", context_lines=1, paths="**/*.py") == [
        "2 lines in 2 of 2 files",
        "",
        "shop/cart.py",
        "     8  ",
        "     9: def checkout(cart):",
        "    10      if cart.total([]) > LIMIT:",
        "",
        "shop/new.py",
        "     1: from shop.cart import checkout",
        "     2  ",
    ]
    assert (await shown(box, "search", pattern="TOTAL([])", literal=True, ignore_case=True))[0].startswith("1 lines")


async def test_the_outline_of_a_file(box: Toolbox) -> None:
    assert await shown(box, "symbols", path="shop/cart.py") == [
        "3 symbols in shop/cart.py",
        "4-6  class Cart",
        "  5-6  function Cart.total",
        "9-12  function checkout",
    ]
    assert await shown(box, "symbols", path="docs/README.md") == [
        "2 symbols in docs/README.md",
        "1  # Shop",
        "5  ## Cart",
    ]


async def test_where_a_name_is_defined_called_and_mentioned_in_any_language(box: Toolbox) -> None:
    assert await shown(box, "references", name="checkout") == [
        "4 places of checkout",
        "shop/cart.py:9 definition: def checkout(cart):",
        "    calls: total, pay",
        "shop/new.py:1 import: from shop.cart import checkout",
        "pay/pay.go:5 call in Pay: func Pay(c Cart) int { return checkout(c) }",
        "docs/README.md:6 text: checkout",
    ]
    assert (await shown(box, "references", name="Cart.total", kind="call"))[1:] == [
        "shop/cart.py:10 call in checkout: if cart.total([]) > LIMIT:"
    ]


async def test_the_change_against_its_base(box: Toolbox) -> None:
    assert await shown(box, "diff") == [
        "3 changed files",
        "shop/cart.py  4 lines new or changed",
        "shop/new.py  1 lines new or changed, no base known",
        "logo.png  binary",
    ]
    lines = await shown(box, "diff", path="shop/cart.py", context_lines=0)
    assert lines[-2:] == ["-    if cart.total([]):", "+    if cart.total([]) > LIMIT:"]
    assert (await shown(box, "diff", path="shop/new.py"))[-1] == "+from shop.cart import checkout"


async def test_what_is_known_besides_the_code(box: Toolbox) -> None:
    assert await shown(box, "history") == ["1 commits", "--- commit 1", "Limit the checkout"]
    assert (await shown(box, "findings", least_severity="high"))[1:] == [
        f"pay/pay.go:3 high hive.a, CWE-798 [{'f' * 12}]: It is bad",
        "[not read in full: pay/pay.go: some of it]",
        "[2 more were left out of the report]",
    ]
    assert (await shown(box, "memory", words="fraud limit"))[1] == "--- a decision at shop/cart.py:15"


async def test_tools_that_would_know_nothing_are_not_offered() -> None:
    names = [spec.name for spec in snapshot_tools(Snapshot("p", ())).specs]
    assert names == ["files", "read", "search", "symbols", "references", "diff"]


async def test_long_answers_come_in_pages_and_say_so() -> None:
    text = "".join(f"needle {number}\n" for number in range(1000))
    box = snapshot_tools(Snapshot("p", (SourceFile("a.txt", text),)))

    first = await shown(box, "search", pattern="needle")
    last = await shown(box, "search", pattern="needle", page=17)

    assert first[0] == "1000 lines in 1 of 1 files, page 1 of 17"
    assert first[-1] == "[more: page=2]"
    assert last[-1] == "  1000: needle 999"
    assert (await shown(box, "read", path="a.txt"))[-1] == "[lines 401-1000 are left out: start_line=401]"


async def test_a_file_of_one_endless_line_is_cut() -> None:
    box = snapshot_tools(Snapshot("p", (SourceFile("a.min.js", "x" * 2_000_000),)))
    for name, asked in (("read", {"path": "a.min.js"}), ("search", {"pattern": "x+$"})):
        result = await use(box, name, **asked)
        assert "[1999600 more characters]" in result.content
        assert len(result.content) < 2_000


async def test_no_pattern_takes_for_ever() -> None:
    box = snapshot_tools(Snapshot("p", (SourceFile("a.txt", "a" * 1_000_000 + "!"),)))
    began = time.process_time()
    for pattern in ("(a+)+$", "(a|a)*b", "(.*a){12}", "(?:a?){50}a{50}", "\\b(\\w+\\s?)+$"):
        await use(box, "search", pattern=pattern, paths="*a*a*a*a*a*a*a*a*.txt" if "12" in pattern else "")
    assert time.process_time() - began < 5


HOSTILE_TEXTS = {
    "nested calls": "f(" * 30_000,
    "nested blocks": "".join(" " * depth + "if x:\n" for depth in range(600)),
    "nested classes": "class A:\n" * 3_000,
    "one long name": "a" * 500_000 + "()",
    "many of a name": "def f(): g()\n" * 1_500,
    "many names": "".join(f"def f{n}(): g()\n" for n in range(1_500)),
    "a name again and again": "f()\n" * 4_000,
    "no text": "",
    "bytes": "\x00\x01\ufffd\r\r\n" * 1_000,
    "a key without an end": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "MIIE\n" * 20_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.go", "a.md"])
@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
async def test_no_file_is_too_hostile_to_be_looked_at(path: str, text: str) -> None:
    box = snapshot_tools(Snapshot("p", (SourceFile(path, text, changed=(LineRange(1, 9),), base=""),)))
    began = time.process_time()

    for tool, asked in (
        ("read", {"path": path}),
        ("symbols", {"path": path}),
        ("references", {"name": "f"}),
        ("search", {"pattern": "f"}),
        ("diff", {"path": path}),
    ):
        content = (await use(box, tool, **asked)).content
        assert "failed (" not in content
        assert len(content) < 40_000
    assert time.process_time() - began < 5


async def test_every_schema_is_one_and_says_what_the_tool_takes(box: Toolbox) -> None:
    for spec in box.specs:
        jsonschema.Draft202012Validator.check_schema(spec.input_schema)
        assert spec.input_schema["type"] == "object"
        assert spec.input_schema["additionalProperties"] is False
        assert "$ref" not in str(spec.input_schema)
    read = next(spec for spec in box.specs if spec.name == "read").input_schema
    jsonschema.validate({"path": "a", "side": "base", "end_line": None}, read)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"path": "a", "side": "../.."}, read)


class Stubborn:
    """A tool that does what its test says."""

    spec = ToolSpec("stubborn", "A double.", {"type": "object"})

    def __init__(self, answer: str | Exception) -> None:
        self._answer = answer

    async def use(self, given: Mapping[str, Any]) -> str:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


async def test_a_broken_tool_is_an_answer_without_details() -> None:
    content = await refused(Toolbox([Stubborn(KeyError("hush"))]), "stubborn")
    assert "stubborn failed (KeyError)" in content
    assert "hush" not in content


async def test_what_this_process_holds_gets_into_no_answer() -> None:
    for answer in ("my key is plain-words", ToolRefused("not with plain-words")):
        result = await use(Toolbox([Stubborn(answer)], secrets=["plain-words"]), "stubborn")
        assert "plain-words" not in result.content


async def test_an_answer_is_capped_and_uses_are_counted() -> None:
    box = Toolbox([Stubborn("y " * 40_000)], max_uses=2)

    long = await use(box, "stubborn")
    await use(box, "stubborn", x="z" * 30_000)

    assert "[50,000 more characters are left out" in long.content
    assert box.counts == {"stubborn": 2}
    assert "no more uses" in await refused(box, "stubborn")


async def test_tools_answer_together() -> None:
    box = snapshot_tools(SNAPSHOT, REPORT)
    calls = [ToolUse(str(number), "search", {"pattern": "checkout"}) for number in range(20)]

    results = await asyncio.gather(*map(box.use, calls))

    assert [result.tool_use_id for result in results] == [call.id for call in calls]
    assert len({result.content for result in results}) == 1


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=40), st.lists(st.text(max_size=5), max_size=3)
)
_KEYS = st.sampled_from(
    ["path", "pattern", "name", "start_line", "end_line", "side", "page", "paths", "kind", "words", "x"]
)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["files", "read", "search", "symbols", "references", "diff", "history", "findings", "memory", "x"]),
    st.dictionaries(_KEYS, _VALUES, max_size=4),
)
async def test_whatever_a_model_asks_there_is_an_answer_in_a_frame(name: str, given: dict[str, Any]) -> None:
    tools: Toolbox = snapshot_tools(SNAPSHOT, REPORT)

    result = await tools.use(ToolUse("7", name, given))

    assert result.tool_use_id == "7"
    assert result.content.startswith("<data id=")
    assert "failed (" not in result.content


def test_a_double_is_a_tool() -> None:
    tool: Tool = Stubborn("")
    assert tool.spec.name == "stubborn"
