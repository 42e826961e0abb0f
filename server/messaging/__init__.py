"""Sealed messages over Redis: what is said, who may say it, and how it gets there and survives the way.

Knows nothing of jobs. Redis sees stream names, sender roles, message kinds, job ids, sizes and times; nothing else.
"""

from server.messaging.acl import acl_rules
from server.messaging.connection import connect
from server.messaging.events import EventReader
from server.messaging.identity import Identity, KeyringInvalid, LiveIdentity
from server.messaging.inbox import InboxReader
from server.messaging.keyring import Keyring
from server.messaging.live_keys import LiveKeyring, follow_pipe
from server.messaging.message import Message, MessageTooLarge, ReceivedMessage
from server.messaging.post import Letter, Post
from server.messaging.reader import Entry, StreamReader
from server.messaging.routes import (
    EVENTS,
    INTAKE,
    INTAKES,
    OUTCOMES,
    Role,
    Route,
    inbox,
    inboxes,
    role_of,
)
from server.messaging.writer import StreamWriter

__all__ = [
    "EVENTS",
    "INTAKE",
    "INTAKES",
    "OUTCOMES",
    "Entry",
    "EventReader",
    "Identity",
    "InboxReader",
    "Keyring",
    "KeyringInvalid",
    "Letter",
    "LiveIdentity",
    "LiveKeyring",
    "Message",
    "MessageTooLarge",
    "Post",
    "ReceivedMessage",
    "Role",
    "Route",
    "StreamReader",
    "StreamWriter",
    "acl_rules",
    "connect",
    "follow_pipe",
    "inbox",
    "inboxes",
    "role_of",
]
