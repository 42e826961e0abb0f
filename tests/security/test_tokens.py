"""The shape of API keys."""

import re

from hypothesis import given
from hypothesis import strategies as st

from server.security.tokens import new_token, parse_token

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_a_key_has_the_shape_that_scanners_look_for() -> None:
    assert re.fullmatch(r"hive_[0-9A-Za-z]{8}_[0-9A-Za-z]{24}[0-9A-Za-z]{6}", new_token().text)


def test_a_key_that_was_made_can_be_read() -> None:
    token = new_token()

    assert parse_token(token.text) == token


def test_keys_are_never_the_same() -> None:
    assert len({new_token().text for _ in range(1000)}) == 1000


def test_a_key_hides_itself_from_logs() -> None:
    token = new_token()

    assert token.text not in f"{token} {token!r}"


@given(place=st.integers(5, 43), digit=st.sampled_from(BASE62))
def test_a_mistyped_digit_is_noticed(place: int, digit: str) -> None:
    text = new_token().text
    mistyped = text[:place] + digit + text[place + 1 :]

    assert (parse_token(mistyped) is not None) == (mistyped == text)


@given(st.text())
def test_any_other_text_is_no_key(text: str) -> None:
    assert parse_token(text) is None
