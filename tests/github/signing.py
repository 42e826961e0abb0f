"""Sign deliveries as GitHub does."""

import hashlib
import hmac
import json
import uuid
from typing import Any, NamedTuple
from urllib.parse import urlencode


class SignedDelivery(NamedTuple):
    """What GitHub POSTs: send *body* with *headers*."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["X-GitHub-Delivery"]


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed_delivery(
    secret: str, event: str, payload: dict[str, Any], *, delivery_id: str | None = None, form: bool = False
) -> SignedDelivery:
    """The delivery as GitHub sends it, SHA-1 signature included; *form*: the webhook's other content type."""
    text = json.dumps(payload, separators=(",", ":"))
    body = urlencode({"payload": text}).encode() if form else text.encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
        "User-Agent": "GitHub-Hookshot/8d33975",
        "X-GitHub-Delivery": delivery_id or str(uuid.uuid4()),
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": "292430182",
        "X-GitHub-Hook-Installation-Target-ID": "79929171",
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": sign(secret, body),
    }
    return SignedDelivery(headers, body)
