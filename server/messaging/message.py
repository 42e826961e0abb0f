"""What is said: a kind, a body, and for whom it is.

Pure values; the body is opaque here, its schema is the receiver's affair.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from server.errors import HiveError
from server.messaging.routes import Role

MAX_BODY_BYTES = 64 * 1024 * 1024


class MessageTooLarge(HiveError):
    """The body is above `MAX_BODY_BYTES`, or the name of the tenant is too long."""


class Message(msgspec.Struct, frozen=True):
    """To send. *kind* and *job_id* stay readable in Redis (not alterable); *tenant* and *body* do not."""

    kind: str
    body: bytes
    tenant: str = ""
    job_id: UUID | None = None

    def __repr__(self) -> str:
        """Without the body: a log line or a traceback must not tell it."""
        return f"{type(self).__name__}(kind={self.kind!r}, job_id={self.job_id}, body=<{len(self.body)} bytes>)"


class ReceivedMessage(Message, frozen=True, kw_only=True):
    """Opened and proven: *sender* signed it. It may arrive twice: whoever acts on it goes by job or *message_id*."""

    sender: Role
    message_id: UUID
    sent_at: datetime
