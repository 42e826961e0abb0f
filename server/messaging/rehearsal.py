"""Seal and open once with keys that are thrown away, so that every module that this loads lazily is loaded.

For a process that is about to give up the right to read its own program files.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.messaging.attachments import open_attachment, read_reference, seal_attachment
from server.messaging.identity import Identity, Registry, RoleKeys
from server.messaging.message import Message
from server.messaging.routes import INTAKE, Role
from server.messaging.sealing import Opener, Sealer


def rehearse() -> None:
    """Takes about a millisecond. Touches neither Redis nor a file."""
    root = Ed25519PrivateKey.generate()
    keys = [RoleKeys.create(role) for role in Role]
    registry = Registry(generation=1, roles={each.role: each.public() for each in keys}).signed(root)
    identity = {each.role: Identity(each, registry, root.public_key().public_bytes_raw()) for each in keys}
    attachment = seal_attachment(b"body")
    message = Message("rehearsal", b"", tenant="nobody")
    envelope = Sealer(identity[Role.DOOR]).seal(INTAKE, message, attachment=attachment.reference)
    opened, _ = Opener(identity[Role.ORCHESTRATOR]).open(INTAKE, envelope)
    open_attachment(read_reference(opened.body), attachment.ciphertext)
