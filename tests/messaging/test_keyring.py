"""Keys: made once, kept from others, vouched for by the root key, and followed by new ones."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from server.messaging import INTAKE, Identity, Keyring, KeyringInvalid, Message, Role
from server.messaging.epoch import EnvelopeRefused, Refusal
from server.messaging.identity import PREVIOUS_KEPT
from server.messaging.keyring import KeyNotFound
from server.messaging.sealing import Opener, Sealer


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def seal(identity: Identity) -> bytes:
    return Sealer(identity).seal(INTAKE, Message("review", b"body"))


def open_body(identity: Identity, envelope: bytes) -> bytes:
    return Opener(identity).open(INTAKE, envelope)[0].body


def refusal_of(identity: Identity, envelope: bytes) -> Refusal:
    with pytest.raises(EnvelopeRefused) as refused:
        open_body(identity, envelope)
    return refused.value.refusal


def test_every_key_file_is_for_its_owner_only(directory: Path) -> None:
    Keyring.create(directory)

    files = sorted(directory.iterdir())

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert [file.name for file in files] == [
        "agent.key",
        "door.key",
        "effects.key",
        "orchestrator.key",
        "registry.json",
        "root.key",
        "root.pub",
    ]


def test_a_keyring_is_made_once(directory: Path) -> None:
    Keyring.create(directory)

    with pytest.raises(KeyringInvalid, match="exists already"):
        Keyring.create(directory)


def test_a_first_start_that_was_killed_leaves_nothing_in_the_way(directory: Path) -> None:
    (directory.parent / ".keys.draft").mkdir()
    (directory.parent / ".keys.draft" / "root.key").write_bytes(b"half")

    keyring = Keyring.open_or_create(directory)

    assert keyring.identity(Role.DOOR).role is Role.DOOR
    assert [entry.name for entry in directory.parent.iterdir()] == ["keys"]


def test_a_key_that_others_can_read_is_refused_with_the_command_that_mends_it(directory: Path) -> None:
    keyring = Keyring.create(directory)
    (directory / "agent.key").chmod(0o640)

    with pytest.raises(KeyringInvalid, match="can be read by others") as refused:
        keyring.identity(Role.AGENT)

    assert refused.value.hint == f"chmod 600 {directory / 'agent.key'}"


def test_a_missing_key_is_named(directory: Path) -> None:
    keyring = Keyring.create(directory)
    (directory / "agent.key").unlink()

    with pytest.raises(KeyringInvalid, match=r"agent\.key cannot be read: No such file"):
        keyring.identity(Role.AGENT)


@pytest.mark.parametrize("name", ["agent.key", "registry.json", "root.pub"])
def test_a_damaged_file_is_refused(directory: Path, name: str) -> None:
    keyring = Keyring.create(directory)
    (directory / name).write_bytes(b"\x00{damaged")

    with pytest.raises(KeyringInvalid):
        keyring.identity(Role.AGENT)


def test_a_registry_with_a_key_that_the_root_did_not_sign_is_refused(directory: Path) -> None:
    Keyring.create(directory)
    theirs = Keyring.create(directory.parent / "theirs")
    assert theirs.identity(Role.DOOR)
    (directory / "registry.json").write_bytes((directory.parent / "theirs" / "registry.json").read_bytes())

    with pytest.raises(KeyringInvalid, match="not signed by the root key"):
        Keyring.open(directory)


def test_a_role_key_under_another_roles_name_is_refused(directory: Path) -> None:
    keyring = Keyring.create(directory)
    (directory / "agent.key").write_bytes((directory / "door.key").read_bytes())

    with pytest.raises(KeyringInvalid, match="holds the keys of door"):
        keyring.identity(Role.AGENT)


def test_an_exported_identity_seals_and_opens_as_the_original(directory: Path) -> None:
    keyring = Keyring.create(directory)

    door = Identity.load(keyring.identity(Role.DOOR).export())
    orchestrator = Identity.load(keyring.identity(Role.ORCHESTRATOR).export())

    assert open_body(orchestrator, seal(door)) == b"body"


def test_an_exported_identity_holds_no_other_roles_secrets_and_not_the_root_key(directory: Path) -> None:
    keyring = Keyring.create(directory)

    exported = keyring.identity(Role.AGENT).export()

    secrets = [(directory / "root.key").read_bytes()]
    for role in Role:
        if role is not Role.AGENT:
            keys = msgspec.json.decode((directory / f"{role}.key").read_bytes())
            secrets += [key.encode() for kind in ("signing", "opening") for key in keys[kind].values() if key]
    assert len(secrets) == 1 + 3 * 4
    assert not [secret for secret in secrets if secret in exported]


def test_an_identity_from_a_broken_pipe_is_refused(keyring: Keyring) -> None:
    with pytest.raises(KeyringInvalid):
        Identity.load(keyring.identity(Role.AGENT).export()[:-10])


def test_an_identity_shows_no_key_when_it_is_printed(keyring: Keyring) -> None:
    assert repr(keyring.identity(Role.AGENT)) == "Identity(agent)"


def test_processes_of_before_and_after_a_rotation_understand_each_other(directory: Path) -> None:
    keyring = Keyring.create(directory)
    door_before, orchestrator_before = keyring.identity(Role.DOOR), keyring.identity(Role.ORCHESTRATOR)

    keyring.rotate()

    door_after, orchestrator_after = keyring.identity(Role.DOOR), keyring.identity(Role.ORCHESTRATOR)
    assert door_after.signing_key_id != door_before.signing_key_id
    assert door_after.recipient(Role.ORCHESTRATOR).key_id != door_before.recipient(Role.ORCHESTRATOR).key_id
    assert open_body(orchestrator_after, seal(door_before)) == b"body"
    assert open_body(orchestrator_before, seal(door_after)) == b"body"


def test_what_was_sealed_before_several_rotations_opens_for_a_day(directory: Path) -> None:
    keyring = Keyring.create(directory)
    envelope = seal(keyring.identity(Role.DOOR))
    began = datetime(2026, 11, 22, tzinfo=UTC)

    for hour in range(5):
        keyring.rotate(now=began + timedelta(hours=hour))
    assert open_body(keyring.identity(Role.ORCHESTRATOR), envelope) == b"body"
    keyring.rotate(now=began + PREVIOUS_KEPT)

    assert refusal_of(keyring.identity(Role.ORCHESTRATOR), envelope) is Refusal.UNKNOWN_SENDER


def test_one_role_can_be_rotated_alone(directory: Path) -> None:
    keyring = Keyring.create(directory)
    before = {role: keyring.identity(role).signing_key_id for role in Role}

    keyring.rotate(Role.AGENT)

    after = {role: keyring.identity(role).signing_key_id for role in Role}
    assert [role for role in Role if before[role] != after[role]] == [Role.AGENT]
    assert open_body(keyring.identity(Role.ORCHESTRATOR), seal(keyring.identity(Role.DOOR))) == b"body"


def test_a_revoked_role_is_heard_again_with_its_new_keys_only(directory: Path) -> None:
    keyring = Keyring.create(directory)
    thief = keyring.identity(Role.DOOR)
    keyring.rotate()
    sealed = [seal(thief), seal(keyring.identity(Role.DOOR))]

    keyring.revoke(Role.DOOR)

    orchestrator = keyring.identity(Role.ORCHESTRATOR)
    assert [refusal_of(orchestrator, each) for each in sealed] == [Refusal.REVOKED_SENDER] * 2
    assert open_body(orchestrator, seal(keyring.identity(Role.DOOR))) == b"body"


def test_what_was_sealed_to_a_revoked_role_still_opens(directory: Path) -> None:
    keyring = Keyring.create(directory)
    envelope = seal(keyring.identity(Role.DOOR))

    keyring.revoke(Role.ORCHESTRATOR)

    assert open_body(keyring.identity(Role.ORCHESTRATOR), envelope) == b"body"


def test_one_key_can_be_revoked_and_the_next_one_takes_its_place(directory: Path) -> None:
    keyring = Keyring.create(directory)
    before = keyring.identity(Role.DOOR)
    envelope, orchestrator_before = seal(before), keyring.identity(Role.ORCHESTRATOR)

    assert keyring.revoke_key(before.signing_key_id) is Role.DOOR

    after = keyring.identity(Role.DOOR)
    assert refusal_of(keyring.identity(Role.ORCHESTRATOR), envelope) is Refusal.REVOKED_SENDER
    assert open_body(orchestrator_before, seal(after)) == b"body", "the next key was known before it was used"


def test_a_key_that_nobody_has_cannot_be_revoked(directory: Path) -> None:
    keyring = Keyring.create(directory)

    with pytest.raises(KeyNotFound, match="there is no key 0000000000000000"):
        keyring.revoke_key(bytes(8))
    assert keyring.registry().generation == 1


def test_a_revocation_that_was_cut_short_can_be_finished(directory: Path) -> None:
    keyring = Keyring.create(directory)
    envelope, registry = seal(keyring.identity(Role.DOOR)), (directory / "registry.json").read_bytes()
    keyring.revoke(Role.DOOR)
    door = (directory / "door.key").read_bytes()
    (directory / "registry.json").write_bytes(registry)  # as if killed before its last step

    keyring.revoke(Role.DOOR)

    assert (directory / "door.key").read_bytes() == door
    assert refusal_of(keyring.identity(Role.ORCHESTRATOR), envelope) is Refusal.REVOKED_SENDER


def test_a_rotation_that_was_cut_short_loses_nothing_and_can_be_finished(directory: Path) -> None:
    keyring = Keyring.create(directory)
    door, registry = keyring.identity(Role.DOOR), (directory / "registry.json").read_bytes()
    keyring.rotate()
    (directory / "registry.json").write_bytes(registry)  # as if killed before its last step

    half = seal(keyring.identity(Role.DOOR)), seal(door)
    assert [open_body(keyring.identity(Role.ORCHESTRATOR), each) for each in half] == [b"body", b"body"]
    rotated_keys = (directory / "door.key").read_bytes()
    keyring.rotate()

    assert (directory / "door.key").read_bytes() == rotated_keys
    assert open_body(keyring.identity(Role.ORCHESTRATOR), seal(door)) == b"body"


def test_a_host_with_one_roles_keys_needs_no_others(directory: Path, tmp_path: Path) -> None:
    Keyring.create(directory)
    edge = tmp_path / "edge"
    edge.mkdir(mode=0o700)
    for name in ("door.key", "registry.json", "root.pub"):
        descriptor = os.open(edge / name, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write((directory / name).read_bytes())

    assert Keyring.open(edge).identity(Role.DOOR).role is Role.DOOR
