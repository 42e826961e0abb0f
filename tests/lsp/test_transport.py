"""When a client that does not take what it is sent is let go."""

import pytest

from lsp.transport import MAX_UNSENT_BYTES, UNREAD_SECONDS, Backlog

LATER = 100.0 + UNREAD_SECONDS + 1


@pytest.mark.parametrize(
    ("looks", "hopeless"),
    [
        ([(100, 0, 100.0), (100, 0, LATER)], False),
        ([(100, 0, 100.0), (100, 100, LATER)], True),
        ([(100, 0, 100.0), (100, 50, 130.0), (100, 150, LATER)], False),
        ([(100, 0, 100.0), (100, 90, 130.0), (100, 190, 130.0 + UNREAD_SECONDS + 1)], True),
        ([(100, 0, 100.0), (100, MAX_UNSENT_BYTES + 1, 100.0)], True),
    ],
    ids=["takes all", "takes nothing", "takes some", "took some, then nothing", "too much waits"],
)
def test_who_takes_nothing_for_long_is_let_go(looks: list[tuple[int, int, float]], hopeless: bool) -> None:
    backlog = Backlog()

    *_, last = [backlog.is_hopeless(*look) for look in looks]

    assert last is hopeless
