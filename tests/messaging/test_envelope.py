"""An envelope opens only as what it was sealed: any other bit, place, sender or purpose is refused."""

import os
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.messaging import INTAKE, OUTCOMES, Identity, Keyring, Message, MessageTooLarge, Role, Route
from server.messaging.envelope import MAX_KIND_BYTES, seal, unseal
from server.messaging.epoch import (
    MAX_ENVELOPE_BYTES,
    MAX_TENANT_BYTES,
    EnvelopeRefused,
    Epoch,
    Refusal,
    begin_epoch,
    epoch_header,
    open_epoch,
)
from server.messaging.sealing import EPOCH_MESSAGES, EPOCH_SECONDS, MAX_EPOCHS, Opener, Sealer
from tests.messaging.conftest import LATER, SOON, URGENT

JOB = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
Identities = dict[Role, Identity]

messages = st.builds(
    Message,
    kind=st.text(min_size=1, max_size=MAX_KIND_BYTES // 4),
    body=st.binary(max_size=2000),
    tenant=st.text(max_size=MAX_TENANT_BYTES // 4),
    job_id=st.none() | st.uuids(),
)


def sealed(identities: Identities, message: Message, role: Role = Role.DOOR, route: Route = INTAKE) -> bytes:
    return Sealer(identities[role]).seal(route, message)


def refusal_of(identities: Identities, envelope: bytes, route: Route = INTAKE, tenant: str | None = None) -> Refusal:
    with pytest.raises(EnvelopeRefused) as refused:
        Opener(identities[route.recipients]).open(route, envelope, tenant=tenant)
    return refused.value.refusal


def a_message(kind: str = "review", tenant: str = "acme/widgets", job_id: UUID | None = JOB) -> Message:
    return Message(kind, b"the body", tenant, job_id)


@given(message=messages)
def test_what_was_sealed_opens_as_it_was(identities: Identities, message: Message) -> None:
    opened, is_reference = Opener(identities[Role.ORCHESTRATOR]).open(INTAKE, sealed(identities, message))

    assert (opened.kind, opened.body, opened.tenant, opened.job_id) == (
        message.kind,
        message.body,
        message.tenant,
        message.job_id,
    )
    assert opened.sender is Role.DOOR
    assert not is_reference


@given(message=messages, place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_refused(identities: Identities, message: Message, place: float, bit: int) -> None:
    envelope = bytearray(sealed(identities, message))
    envelope[int(place * len(envelope))] ^= 1 << bit

    refusal_of(identities, bytes(envelope))


@given(message=messages, place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_refused_by_an_opener_that_knows_the_epoch(
    identities: Identities, message: Message, place: float, bit: int
) -> None:
    opener = Opener(identities[Role.ORCHESTRATOR])
    envelope = bytearray(sealed(identities, message))
    opener.open(INTAKE, bytes(envelope))
    envelope[int(place * len(envelope))] ^= 1 << bit

    with pytest.raises(EnvelopeRefused):
        opener.open(INTAKE, bytes(envelope))


def test_every_single_bit_of_one_envelope_is_refused_when_flipped(identities: Identities) -> None:
    envelope = sealed(identities, a_message())

    opened = []
    for place in range(len(envelope) * 8):
        flipped = bytearray(envelope)
        flipped[place // 8] ^= 1 << place % 8
        try:
            Opener(identities[Role.ORCHESTRATOR]).open(INTAKE, bytes(flipped))
        except EnvelopeRefused:
            continue
        opened.append(place)

    assert opened == []


@given(junk=st.binary(max_size=600), keep=st.integers(0, 300))
def test_junk_and_half_junk_are_refused_and_never_crash(identities: Identities, junk: bytes, keep: int) -> None:
    envelope = sealed(identities, a_message())

    refusal_of(identities, junk)
    refusal_of(identities, envelope[:keep] + junk)


@given(message=messages, cut=st.integers(1, 100))
def test_a_cut_or_lengthened_envelope_is_refused(identities: Identities, message: Message, cut: int) -> None:
    envelope = sealed(identities, message)

    refusal_of(identities, envelope[:-cut])
    refusal_of(identities, envelope + bytes(cut))


@given(one=messages, other=messages)
def test_a_message_grafted_onto_another_epoch_is_refused(identities: Identities, one: Message, other: Message) -> None:
    """The swapped tenant: its name is in the epoch, and every message is bound to its own."""
    first, second = sealed(identities, one), sealed(identities, other)
    grafted = epoch_header(first) + second[len(epoch_header(second)) :]

    assert refusal_of(identities, grafted) is Refusal.BAD_COMMITMENT


def test_a_message_on_another_stream_is_refused(identities: Identities) -> None:
    envelope = sealed(identities, a_message(), Role.AGENT, OUTCOMES)

    assert refusal_of(identities, envelope, INTAKE) is Refusal.WRONG_STREAM


def test_a_message_of_one_urgency_is_refused_on_another(identities: Identities) -> None:
    envelope = sealed(identities, a_message(), Role.AGENT, LATER)

    assert refusal_of(identities, envelope, URGENT) is Refusal.WRONG_STREAM


def test_a_rewritten_stream_breaks_the_signature(identities: Identities) -> None:
    envelope = sealed(identities, a_message(), Role.AGENT, LATER)
    moved = envelope.replace(b"hive:{outcomes}:2", b"hive:{outcomes}:0", 1)

    assert refusal_of(identities, moved, URGENT) is Refusal.BAD_SIGNATURE


def test_a_message_of_another_tenant_is_refused_where_only_one_is_expected(identities: Identities) -> None:
    envelope = sealed(identities, a_message(tenant="acme/widgets"))

    assert refusal_of(identities, envelope, tenant="acme/gadgets") is Refusal.WRONG_TENANT


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"review", b"deploy"), (JOB.bytes, UUID(int=JOB.int + 1).bytes)],
    ids=["kind", "job"],
)
def test_a_rewritten_header_breaks_the_commitment(identities: Identities, old: bytes, new: bytes) -> None:
    envelope = sealed(identities, a_message())
    assert envelope.count(old) == 1

    assert refusal_of(identities, envelope.replace(old, new)) is Refusal.BAD_COMMITMENT


def test_a_sender_who_may_not_speak_on_the_stream_is_refused(identities: Identities) -> None:
    envelope = sealed(identities, a_message(), Role.AGENT, INTAKE)

    assert refusal_of(identities, envelope) is Refusal.SENDER_NOT_ALLOWED


def test_a_sender_under_another_ones_name_is_refused(identities: Identities) -> None:
    envelope = sealed(identities, a_message(), Role.AGENT, Route(INTAKE.stream, frozenset(Role), Role.ORCHESTRATOR))
    claimed = envelope.replace(b"\x05agent", b"\x04door", 1)
    total = struct.pack(">H", len(epoch_header(envelope)) - 1)

    assert refusal_of(identities, claimed[:4] + total + claimed[6:]) is Refusal.UNKNOWN_SENDER


def test_a_sender_of_another_hive_is_refused(identities: Identities, tmp_path_factory: pytest.TempPathFactory) -> None:
    stranger = Keyring.create(tmp_path_factory.mktemp("stranger") / "keys").identity(Role.DOOR)
    epoch = begin_epoch(stranger, INTAKE, "", now_ms=0, recipient=identities[Role.DOOR].recipient(Role.ORCHESTRATOR))

    envelope = seal(epoch, a_message(), sent_at_us=0)

    assert refusal_of(identities, envelope) is Refusal.UNKNOWN_SENDER


def test_an_epoch_for_another_group_is_refused(identities: Identities) -> None:
    to_effects = Route(INTAKE.stream, INTAKE.senders, Role.EFFECTS)
    envelope = sealed(identities, a_message(), Role.DOOR, to_effects)

    assert refusal_of(identities, envelope) is Refusal.WRONG_RECIPIENTS


def test_a_key_that_opens_nothing_of_ours_is_refused(
    identities: Identities, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Keyring.create(tmp_path_factory.mktemp("stranger") / "keys").identity(Role.DOOR)
    theirs = stranger.recipient(Role.ORCHESTRATOR)
    epoch = begin_epoch(identities[Role.DOOR], INTAKE, "", now_ms=0, recipient=theirs)

    assert refusal_of(identities, seal(epoch, a_message(), sent_at_us=0)) is Refusal.UNKNOWN_RECIPIENT_KEY


def test_an_envelope_of_a_later_version_says_so(identities: Identities) -> None:
    envelope = sealed(identities, a_message())

    assert refusal_of(identities, b"AH\x02\x01" + envelope[4:]) is Refusal.UNKNOWN_SUITE


def test_the_ciphertext_is_bound_to_one_key(identities: Identities) -> None:
    """AES-GCM alone would let one ciphertext open under two keys; the commitment does not."""
    envelope = sealed(identities, a_message())
    header = epoch_header(envelope)
    epoch = open_epoch(identities[Role.ORCHESTRATOR], INTAKE, header)
    other = Epoch(epoch.header, epoch.context, os.urandom(32), epoch.sender, epoch.tenant)

    with pytest.raises(EnvelopeRefused) as refused:
        unseal(other, envelope)

    assert refused.value.refusal is Refusal.BAD_COMMITMENT


def test_the_same_message_is_never_sealed_to_the_same_bytes(identities: Identities) -> None:
    sealer = Sealer(identities[Role.DOOR])

    envelopes = [sealer.seal(INTAKE, a_message()) for _ in range(100)]

    at = len(epoch_header(envelopes[0]))
    assert len({envelope[at:] for envelope in envelopes}) == 100
    assert len({envelope[:at] for envelope in envelopes}) == 1


def test_body_and_tenant_are_not_readable_in_an_envelope(identities: Identities) -> None:
    envelope = sealed(identities, Message("review", b"the body is secret", "acme/widgets", JOB))

    assert b"secret" not in envelope
    assert b"acme" not in envelope


def test_an_envelope_above_the_limit_is_refused_before_any_work(identities: Identities) -> None:
    envelope = sealed(identities, Message("review", bytes(MAX_ENVELOPE_BYTES)))

    assert refusal_of(identities, envelope) is Refusal.MALFORMED


@pytest.mark.parametrize(
    "message",
    [Message("", b""), Message("k" * (MAX_KIND_BYTES + 1), b"")],
    ids=["no kind", "long kind"],
)
def test_a_message_that_nobody_could_open_is_not_sealed(identities: Identities, message: Message) -> None:
    with pytest.raises(ValueError, match="a kind has 1 to 64 bytes"):
        sealed(identities, message)


def test_a_tenant_with_too_long_a_name_is_told_so(identities: Identities) -> None:
    with pytest.raises(MessageTooLarge, match="a tenant's name of 1201 bytes is above the limit of 1200"):
        sealed(identities, Message("k", b"", "t" * (MAX_TENANT_BYTES + 1)))


def test_a_tenants_name_may_be_as_long_as_a_projects_in_any_script(identities: Identities) -> None:
    project = "𠮷" * 300

    envelope = sealed(identities, Message("k", b"", project))

    assert Opener(identities[Role.ORCHESTRATOR]).open(INTAKE, envelope)[0].tenant == project


def test_a_message_does_not_show_its_body_when_it_is_printed() -> None:
    assert "secret" not in repr(Message("review", b"secret"))
    assert "secret" not in str([Message("review", b"secret")])


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now


def epochs_of(seal_one: Callable[[], bytes], count: int) -> int:
    return len({epoch_header(seal_one()) for _ in range(count)})


def test_an_epoch_ends_after_an_hour(identities: Identities) -> None:
    clock = Clock()
    sealer = Sealer(identities[Role.DOOR], now=clock)
    first = epoch_header(sealer.seal(INTAKE, a_message()))

    clock.now += EPOCH_SECONDS - 1
    assert epoch_header(sealer.seal(INTAKE, a_message())) == first
    clock.now += 1
    assert epoch_header(sealer.seal(INTAKE, a_message())) != first


def test_an_epoch_ends_when_the_clock_goes_back(identities: Identities) -> None:
    clock = Clock()
    sealer = Sealer(identities[Role.DOOR], now=clock)
    first = epoch_header(sealer.seal(INTAKE, a_message()))

    clock.now -= 1

    assert epoch_header(sealer.seal(INTAKE, a_message())) != first


def test_an_epoch_ends_after_its_last_message(identities: Identities) -> None:
    sealer = Sealer(identities[Role.DOOR], epoch_messages=10)

    assert EPOCH_MESSAGES == 2**20
    assert epochs_of(lambda: sealer.seal(INTAKE, a_message()), 30) == 3


def test_each_stream_and_tenant_has_an_epoch_of_its_own(identities: Identities) -> None:
    sealer = Sealer(identities[Role.AGENT])

    headers = {
        epoch_header(sealer.seal(route, a_message(tenant=tenant)))
        for route in (URGENT, SOON, LATER)
        for tenant in ("acme/widgets", "acme/gadgets")
        for _ in range(2)
    }

    assert len(headers) == 6


def test_time_and_sender_arrive_with_the_message(identities: Identities) -> None:
    clock = Clock()
    envelope = Sealer(identities[Role.DOOR], now=clock).seal(INTAKE, a_message())

    message, _ = Opener(identities[Role.ORCHESTRATOR]).open(INTAKE, envelope)

    assert message.sent_at == datetime(2026, 11, 22, tzinfo=UTC)
    assert message.sender is Role.DOOR


def test_both_sides_remember_a_bounded_number_of_epochs(identities: Identities) -> None:
    sealer = Sealer(identities[Role.DOOR], max_epochs=4)
    opener = Opener(identities[Role.ORCHESTRATOR], max_epochs=4)

    for _ in range(2):
        for tenant in range(10):
            message, _ = opener.open(INTAKE, sealer.seal(INTAKE, a_message(tenant=str(tenant))))
            assert message.tenant == str(tenant)

    assert MAX_EPOCHS == 4096
    assert (sealer.epochs, opener.epochs) == (4, 4)
