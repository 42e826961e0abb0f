"""What k of n reviewers decide, on a real Postgres whose clock the tests move."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.team.quorum import (
    Cursor,
    Decision,
    DecisionNotFound,
    DecisionRefused,
    DecisionState,
    NotAVoter,
    Quorums,
    VoteRefused,
    close_overdue_decisions,
    forget_decisions,
    outcome,
)
from tests.chance import a_chance
from tests.clock import Clock

PROJECT = "github.com/octo/app"
REVIEWERS = ("ann", "bob", "cleo")


@pytest.fixture
def quorums(pool: asyncpg.Pool) -> Quorums:
    return Quorums(pool)


async def asked(quorums: Quorums, *, k: int = 2, **fields: Any) -> Decision:
    fields = {"project": PROJECT, "subject": "pull_request:octo/app#7", "voters": REVIEWERS, **fields}
    return await quorums.open("Is this finding real?", k=k, by="the workflow", **fields)


async def voted(quorums: Quorums, decision: Decision, *verdicts: str) -> Decision:
    for voter, verdict in zip(decision.voters, verdicts, strict=False):
        decision = await quorums.vote(decision.id, voter=voter, verdict=verdict, why=f"{voter} looked")
    return decision


# --- counting ---------------------------------------------------------------------------------------------------------


async def test_it_is_open_until_enough_agree(quorums: Quorums) -> None:
    decision = await asked(quorums)
    assert (decision.state, decision.n, decision.k, decision.votes) == (DecisionState.OPEN, 3, 2, ())

    assert (await voted(quorums, decision, "real")).state is DecisionState.OPEN
    decision = await voted(quorums, decision, "real", "real")

    assert (decision.state, decision.verdict) == (DecisionState.AGREED, "real")
    assert decision.decided_at is not None
    assert [(vote.voter, vote.verdict, vote.why) for vote in decision.votes] == [
        ("ann", "real", "ann looked"),
        ("bob", "real", "bob looked"),
    ]


async def test_it_is_rejected_as_soon_as_no_verdict_can_win(quorums: Quorums) -> None:
    all_must = await voted(quorums, await asked(quorums, k=3), "real", "false-alarm")
    all_differ = await voted(quorums, await asked(quorums), "real", "false-alarm", "duplicate")

    assert (all_must.state, all_must.verdict) == (DecisionState.REJECTED, None)
    assert all_differ.state is DecisionState.REJECTED


async def test_it_is_undecided_from_the_moment_its_time_ran_out(pool: asyncpg.Pool, quorums: Quorums) -> None:
    decision = await voted(quorums, await asked(quorums, closes_in_seconds=60), "real")
    await Clock(pool).advance(60)

    before = await quorums.get(decision.id)
    async with pool.acquire() as connection:
        assert await close_overdue_decisions(connection) == 1
        assert await close_overdue_decisions(connection) == 0
    after = await quorums.get(decision.id)

    assert before == after
    assert (after.state, after.decided_at) == (DecisionState.UNDECIDED, decision.closes_at)
    assert await quorums.list(state=DecisionState.UNDECIDED) == [after]
    assert await quorums.list(state=DecisionState.OPEN) == []


@given(st.integers(1, 6), st.data())
def test_what_is_decided_stays_so_whatever_the_others_vote(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, n))
    verdicts = data.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))

    states = []
    for given_ in range(n + 1):
        state, verdict = outcome(n, k, {str(voter): verdicts[voter] for voter in range(given_)})
        states.append(state)
        assert (verdict is not None) == (state is DecisionState.AGREED)
        if state is not DecisionState.OPEN:
            break

    most = max(verdicts.count(verdict) for verdict in "abc")
    assert states[-1] is (DecisionState.AGREED if most >= k else DecisionState.REJECTED)
    assert set(states[:-1]) <= {DecisionState.OPEN}


# --- who may vote -----------------------------------------------------------------------------------------------------


async def test_the_same_vote_again_changes_nothing_also_after_the_end(quorums: Quorums) -> None:
    decision = await voted(quorums, await asked(quorums), "real", "real")

    again = await quorums.vote(decision.id, voter="bob", verdict="real", why="once more")

    assert again == decision


async def test_a_vote_cannot_be_changed(quorums: Quorums) -> None:
    decision = await voted(quorums, await asked(quorums), "real")

    with pytest.raises(VoteRefused, match="ann has voted already: real"):
        await quorums.vote(decision.id, voter="ann", verdict="false-alarm")


async def test_only_those_who_were_named_may_vote(quorums: Quorums) -> None:
    decision = await asked(quorums)

    with pytest.raises(NotAVoter, match="mallory"):
        await quorums.vote(decision.id, voter="mallory", verdict="real")


async def test_nobody_votes_after_the_end(pool: asyncpg.Pool, quorums: Quorums) -> None:
    agreed = await voted(quorums, await asked(quorums), "real", "real")
    overdue = await asked(quorums, closes_in_seconds=60)
    await Clock(pool).advance(60)

    for decision in (agreed, overdue):
        with pytest.raises(VoteRefused, match="ended"):
            await quorums.vote(decision.id, voter="cleo", verdict="real")


async def test_who_asks_for_what_is_not_there_is_told_so(quorums: Quorums) -> None:
    with pytest.raises(DecisionNotFound):
        await quorums.get(uuid4())
    with pytest.raises(DecisionNotFound):
        await quorums.vote(uuid4(), voter="ann", verdict="real")


# --- at once ----------------------------------------------------------------------------------------------------------


async def test_votes_that_come_at_once_are_all_counted(quorums: Quorums) -> None:
    voters = [f"reviewer {number}" for number in range(10)]
    decision = await asked(quorums, voters=voters, k=10)

    await asyncio.gather(*(quorums.vote(decision.id, voter=voter, verdict="real") for voter in voters))

    decision = await quorums.get(decision.id)
    assert (decision.state, len(decision.votes)) == (DecisionState.AGREED, 10)


@pytest.mark.parametrize("_", range(4))
async def test_whatever_interleaves_the_votes_that_are_kept_explain_the_end(quorums: Quorums, _: int) -> None:
    """Everybody votes several times at once, and not always the same."""
    chance = a_chance()
    for _ in range(10):
        voters = [f"reviewer {number}" for number in range(chance.randint(2, 6))]
        decision = await asked(quorums, voters=voters, k=chance.randint(1, len(voters)))
        votes = [(voter, chance.choice("abc")) for voter in voters * 2]
        chance.shuffle(votes)

        answers = await asyncio.gather(
            *(quorums.vote(decision.id, voter=voter, verdict=verdict) for voter, verdict in votes),
            return_exceptions=True,
        )

        decision = await quorums.get(decision.id)
        assert decision.state is not DecisionState.OPEN
        given = {vote.voter: vote.verdict for vote in decision.votes}
        assert outcome(decision.n, decision.k, given) == (decision.state, decision.verdict)
        assert {type(answer) for answer in answers} <= {Decision, VoteRefused}


# --- opening, and what is kept ----------------------------------------------------------------------------------------


async def test_opened_twice_under_one_id_it_is_one(quorums: Quorums) -> None:
    id_ = uuid4()
    first, second = await asyncio.gather(asked(quorums, decision_id=id_), asked(quorums, decision_id=id_))

    assert first == second
    assert len(await quorums.list()) == 1
    with pytest.raises(DecisionRefused, match="something else"):
        await asked(quorums, decision_id=id_, subject="pull_request:octo/app#8")


@pytest.mark.parametrize(
    "odd",
    [
        {"k": 0},
        {"k": 4},
        {"voters": ()},
        {"voters": ("ann", "ann")},
        {"voters": ("ann", "", "bob")},
        {"voters": [str(n) for n in range(101)]},
        {"closes_in_seconds": 0.0},
    ],
    ids=["k too small", "k too large", "nobody", "one twice", "no name", "too many", "no time"],
)
async def test_what_cannot_be_decided_is_not_opened(quorums: Quorums, odd: dict[str, Any]) -> None:
    with pytest.raises(DecisionRefused):
        await asked(quorums, **odd)

    assert await quorums.list() == []


async def test_lists_are_cut_into_pages_and_by_project_and_subject(quorums: Quorums) -> None:
    mine = [await asked(quorums) for _ in range(3)]
    other = await asked(quorums, project="github.com/octo/other", subject="x")

    page = await quorums.list(limit=3)
    rest = await quorums.list(after=Cursor(page[-1].opened_at, page[-1].id))

    assert [d.id for d in (*page, *rest)] == [other.id, *(d.id for d in reversed(mine))]
    assert await quorums.list(project="github.com/octo/other") == [other]
    assert await quorums.list(subject="x") == [other]


async def test_votes_are_append_only_and_leave_with_their_decision(pool: asyncpg.Pool, quorums: Quorums) -> None:
    decision = await voted(quorums, await asked(quorums), "real", "real")
    still_open = await voted(quorums, await asked(quorums, closes_in_seconds=10**7), "real")
    for statement in ("update votes set verdict = 'x'", "delete from votes", "truncate votes"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await pool.execute(statement)

    await Clock(pool).advance(3601)
    async with pool.acquire() as connection:
        assert await forget_decisions(connection, older_than_seconds=3600) == 1

    assert await quorums.list() == [still_open]
    assert await pool.fetchval("select count(*) from votes where decision_id = $1", decision.id) == 0
