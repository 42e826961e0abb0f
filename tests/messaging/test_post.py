"""Letters from agent to agent over a real Redis: to one, to all, known to have arrived, and read by nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from server.messaging import Identity, Keyring, LiveIdentity, Message, MessageTooLarge, Role, connect
from server.messaging.broker import SecureMessageBroker
from server.messaging.dead_letters import list_dead_letters
from server.messaging.post import AgentUnknown, Letter, Post, Unacknowledged, everyone, mailbox


class Agent:
    """Keeps what it gets; refuses as often as *refuses* says."""

    def __init__(self, url: str, identity: LiveIdentity | Identity) -> None:
        self.id = uuid4()
        self.letters: list[Letter] = []
        self.refuses = 0
        self._listening: asyncio.Task[None] | None = None
        self.came = asyncio.Event()
        self.post = Post(url, identity, self.id, self._handle, block_seconds=1)

    def listen(self) -> None:
        self._listening = asyncio.create_task(self.post.run())

    async def leave(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.post.close()

    async def _handle(self, letter: Letter) -> None:
        if letter.kind == "question" and letter.body == b"say it again":
            await self.post.send(letter.sender_id, "answer", b"again")
        if self.refuses:
            self.refuses -= 1
            raise RuntimeError("not now")
        self.letters.append(letter)
        self.came.set()


class Agents:
    def __init__(self, urls: dict[str, str], identity: Identity, stack: AsyncExitStack) -> None:
        self.url = urls[Role.AGENT]
        self.admin: Any = connect(urls["admin"])
        self.orchestrator: Any = connect(urls[Role.ORCHESTRATOR])
        self._identity = identity
        self._stack = stack
        for redis in (self.admin, self.orchestrator):
            stack.push_async_callback(redis.aclose)

    async def arrive(self, identity: LiveIdentity | Identity | None = None, *, listens: bool = True) -> Agent:
        agent = Agent(self.url, identity or self._identity)
        await agent.post.begin()
        if listens:
            agent.listen()
        self._stack.push_async_callback(agent.leave)
        return agent


@pytest_asyncio.fixture
async def agents(redis_urls: dict[str, str], identities: dict[Role, Identity]) -> AsyncIterator[Agents]:
    async with AsyncExitStack() as stack:
        yield Agents(redis_urls, identities[Role.AGENT], stack)


async def test_a_letter_is_dealt_with_before_its_sender_goes_on(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive()

    await alice.post.send(bob.id, "question", b"are you there?")

    [letter] = bob.letters
    assert (letter.sender_id, letter.kind, letter.body) == (alice.id, "question", b"are you there?")
    assert not letter.is_for_all
    assert alice.letters == []


async def test_letters_go_both_ways_at_once(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive()

    await asyncio.gather(
        *(alice.post.send(bob.id, "a", bytes([number])) for number in range(50)),
        *(bob.post.send(alice.id, "b", bytes([number])) for number in range(50)),
    )

    assert {letter.body for letter in bob.letters} == {letter.body for letter in alice.letters}
    assert (len(alice.letters), len(bob.letters)) == (50, 50)


async def test_whoever_deals_with_a_letter_may_write_one_and_wait_for_it(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive()

    await asyncio.gather(
        alice.post.send(bob.id, "question", b"say it again"), bob.post.send(alice.id, "question", b"say it again")
    )

    assert [(letter.kind, letter.body) for letter in alice.letters if letter.kind == "answer"] == [("answer", b"again")]
    assert len(bob.letters) == 2


async def test_a_letter_to_all_reaches_all_the_others(agents: Agents) -> None:
    alice, bob, carol = [await agents.arrive() for _ in range(3)]

    await alice.post.broadcast("news", b"a new rule", expected=[bob.id, carol.id])

    assert [[letter.body for letter in each.letters] for each in (alice, bob, carol)] == [[], *[[b"a new rule"]] * 2]
    assert bob.letters[0].is_for_all


async def test_a_letter_to_all_may_expect_nobody(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive()

    await alice.post.broadcast("news", b"by the way")

    async with asyncio.timeout(60):
        await bob.came.wait()
    assert await agents.admin.exists(mailbox(Role.AGENT, alice.id).key) == 0, "nobody was asked to answer"


async def test_whoever_does_not_answer_is_named(agents: Agents) -> None:
    alice, bob, nobody = await agents.arrive(), await agents.arrive(), uuid4()

    with pytest.raises(Unacknowledged, match=f"not acknowledged within 0.5 s by {nobody}") as failed:
        await alice.post.broadcast("news", b"", expected=[bob.id, nobody], within_seconds=0.5)

    assert failed.value.missing == {nobody}


async def test_an_agent_that_never_was_cannot_be_written_to(agents: Agents) -> None:
    alice, nobody = await agents.arrive(), uuid4()

    with pytest.raises(AgentUnknown, match=str(nobody)):
        await alice.post.send(nobody, "question", b"")


async def test_an_agent_that_left_cannot_be_written_to(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive()
    await bob.leave()

    with pytest.raises(AgentUnknown):
        await alice.post.send(bob.id, "question", b"")


async def test_a_letter_that_could_not_be_dealt_with_comes_again(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive()
    bob.refuses = 1

    await alice.post.send(bob.id, "question", b"again", within_seconds=30)

    assert [letter.body for letter in bob.letters] == [b"again"]


async def test_a_letter_that_comes_twice_counts_once(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive(listens=False)
    sending = asyncio.create_task(alice.post.send(bob.id, "question", b"once", within_seconds=30))
    await sent_to(bob, agents)
    box = mailbox(Role.AGENT, bob.id).key
    [(_, fields)] = await agents.admin.xrange(box)
    await agents.admin.xadd(box, fields)

    bob.listen()
    await sending
    await agents.admin.xadd(box, fields)
    await alice.post.send(bob.id, "question", b"next")

    assert [letter.body for letter in bob.letters] == [b"once", b"next"]


async def sent_to(agent: Agent, agents: Agents) -> None:
    """Return when a letter lies in the agent's mailbox."""
    await agents.admin.xread({mailbox(Role.AGENT, agent.id).key: "0"}, block=10_000)


async def test_letters_survive_a_flushed_redis(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive()
    await alice.post.send(bob.id, "question", b"before")

    sending = asyncio.create_task(alice.post.send(bob.id, "question", b"after", within_seconds=30))
    await agents.admin.flushall()
    await sending

    assert [letter.body for letter in bob.letters] == [b"before", b"after"]


async def test_not_even_another_agent_can_read_a_letter(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive(listens=False)
    with pytest.raises(Unacknowledged):
        await alice.post.send(bob.id, "secret", b"for bob alone", within_seconds=0.2)

    [(_, fields)] = await agents.admin.xrange(mailbox(Role.AGENT, bob.id).key)
    carol = await agents.arrive()
    await agents.admin.xadd(mailbox(Role.AGENT, carol.id).key, fields)
    await alice.post.send(carol.id, "question", b"did you read it?")

    assert [letter.body for letter in carol.letters] == [b"did you read it?"]
    [dead] = await list_dead_letters(agents.orchestrator, mailbox(Role.AGENT, carol.id))
    assert dead.reason == "sealed to a key that is not ours any more"


async def test_a_card_that_nobody_of_the_role_signed_is_none(agents: Agents, identities: dict[Role, Identity]) -> None:
    alice, ghost = await agents.arrive(), uuid4()
    key = X25519PrivateKey.generate().public_key().public_bytes_raw()
    said = b"card\0agent\0" + ghost.bytes + key
    forged = SecureMessageBroker(identities[Role.EFFECTS]).sign_message(said)
    await agents.admin.set(f"hive:{{agent.{ghost}}}:card", key + forged)

    with pytest.raises(AgentUnknown):
        await alice.post.send(ghost, "question", b"")


async def test_another_roles_letters_are_not_heard(agents: Agents, identities: dict[Role, Identity]) -> None:
    bob, alice = await agents.arrive(), await agents.arrive()
    broker = SecureMessageBroker(identities[Role.EFFECTS])
    key = X25519PublicKey.from_public_bytes(bob.post.public_key)
    letter = broker.encrypt_message(Message("letter", b"\x94junk"), key)
    await agents.admin.xadd(mailbox(Role.AGENT, bob.id).key, {"e": letter})

    await alice.post.send(bob.id, "question", b"honest")

    assert [letter.body for letter in bob.letters] == [b"honest"]


async def test_a_letter_has_its_limit(agents: Agents) -> None:
    alice, bob = await agents.arrive(), await agents.arrive()

    with pytest.raises(MessageTooLarge):
        await alice.post.send(bob.id, "question", bytes(300_000))

    await alice.post.broadcast("large", bytes(300_000), expected=[bob.id])
    assert len(bob.letters[0].body) == 300_000


async def test_letters_go_on_when_keys_rotate(
    redis_urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    keyring = Keyring.create(tmp_path_factory.mktemp("hive") / "keys")
    identity = LiveIdentity(keyring.identity(Role.AGENT))
    async with AsyncExitStack() as stack:
        agents = Agents(redis_urls, keyring.identity(Role.AGENT), stack)
        alice, bob = await agents.arrive(identity), await agents.arrive(identity)
        await alice.post.send(bob.id, "question", b"before")

        keyring.rotate()
        identity.replace(keyring.identity(Role.AGENT))
        await bob.post.send(alice.id, "answer", b"after")
        await bob.post.broadcast("news", b"to all", expected=[alice.id])

        assert [letter.body for letter in alice.letters] == [b"after", b"to all"]


def test_a_mailbox_lies_beside_its_agents_inbox() -> None:
    box = mailbox(Role.AGENT, UUID(int=1))

    assert box.key == "hive:{agent.00000000-0000-0000-0000-000000000001}:post"
    assert box.tag == "hive:{agent.00000000-0000-0000-0000-000000000001}"
    assert box.dead_key == "hive:{agent}:dead"
    assert everyone(Role.AGENT).key == "hive:{agent.all}"
