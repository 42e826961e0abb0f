"""What a model wrote is shown only when it leads nowhere, invents nothing and says something."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.agents.hostile import check_answer
from server.reviews.snapshot import Snapshot, SourceFile

SNAPSHOT = Snapshot(
    "github.com/acme/shop",
    (
        SourceFile("shop/cart.py", "# see https://docs.acme.io/cart?v=2 for more\ndef total():\n    return 1\n"),
        SourceFile("shop/key.py", 'API_KEY = "q8Zr2LmX0vB7nKt5YwPe"\nDB_PASSWORD = "postgres"\n'),
        SourceFile("shop/pay.py", "pay = 1\n", base="# http://old.acme.io/x\n"),
    ),
    context=(SourceFile("Makefile", "test:\n\tpytest\n"),),
)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("I'm sorry, but I can't help with that.", "refusal"),
        ("As an AI language model I have no opinion.", "refusal"),
        ("Unfortunately, I can't help with that request.", "refusal"),
        ("I won't review this code.", "refusal"),
        ("This line is said again and again.\n" * 20, "repetition"),
        ("and so on, " * 900, "repetition"),
        ("x" * 60_001, "too long"),
        ("See https://evil.example/?q=1", "address"),
        ("See https://docs.acme.io/cart?v=2&key=sk", "address"),
        ("See https://docs.acme.io/car", "address"),
        ("See www.evil.example/a", "address"),
        ("[a](//evil.example/a)", "address"),
        ("[a](javascript:alert(1))", "address"),
        ("[a](command:workbench.action.quit)", "address"),
        ("<vscode:extension/evil>", "address"),
        ("mailto:a@evil.example", "address"),
        ("![x](https://docs.acme.io/cart?v=2)", "image"),
        ("![x][ref]", "image"),
        ('<img src="https://docs.acme.io/cart?v=2">', "image"),
        ("The key is q8Zr2LmX0vB7nKt5YwPe.", "secret"),
        ("shop/cart.py:9 is wrong", "citation"),
        ("shop/cart.py:3-2 is wrong", "citation"),
        ("shop/cart.py:0 is wrong", "citation"),
        ("`shop/card.py:1` is wrong", "citation"),
        ("cart.py:1 is wrong", "citation"),
        ("test/cart.py:1 is wrong", "citation"),
        ("../../etc/passwd:1 is interesting", "citation"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_may_not_be_shown_is_objected_to(answer: str, kind: str) -> None:
    assert kind in [objection.kind for objection in check_answer(answer, SNAPSHOT)]


@pytest.mark.parametrize(
    "answer",
    [
        "shop/cart.py:2-3 returns 1 whatever is in the cart; see Makefile:2.",
        "It is documented at https://docs.acme.io/cart?v=2.",
        "The postgres password stands in shop/key.py:2.",
        "`handlers[name](request)` is called with std::move(x), a<b:c> and Map<string, number>.",
        "It was at http://old.acme.io/x before.",
        "The server listens on localhost:8080 and db.acme.io:5432 at 10:30.",
        "I cannot find a test of `total`.",
        "Unfortunately, I could not see who calls it; I can't say more.",
        "It needs python v3.11:2 from docker.io/library/python:3.",
        "- one\n- two\n" * 30,
    ],
    ids=lambda value: value[:40],
)
def test_an_answer_that_says_something_true_is_let_through(answer: str) -> None:
    assert check_answer(answer, SNAPSHOT) == ()


def test_a_path_that_is_nearly_right_is_answered_with_the_right_one() -> None:
    (objection,) = check_answer("cart.py:1", SNAPSHOT)
    assert "nearest: shop/cart.py" in objection.message


@given(st.text(max_size=400))
def test_any_answer_gets_a_verdict(answer: str) -> None:
    for objection in check_answer(answer, SNAPSHOT):
        assert objection.message


@settings(max_examples=30)
@given(st.from_regex(r"https?://[a-z]{1,20}\.example/[a-zA-Z0-9/?=&%_-]{0,60}", fullmatch=True))
def test_no_address_that_the_snapshot_does_not_hold_gets_through(address: str) -> None:
    for around in (address, f"[x]({address})", f"<{address}>", f"`{address}`", f"text {address}, more", f'"{address}"'):
        assert "address" in [objection.kind for objection in check_answer(around, SNAPSHOT)]
