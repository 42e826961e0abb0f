"""The App's webhook as GitHub keeps it: what it sends, and its log of that.

It repeats nothing by itself. While `is_dropping`, nothing leaves GitHub, as when the hub cannot be reached.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.github.signing import SignedDelivery

Send = Callable[[SignedDelivery], Awaitable[int]]
"""To the hub; the status of its answer."""


class Hook:
    def __init__(self) -> None:
        self.url = "https://hive.example.com/webhooks/github"
        self.is_dropping = False
        self.send: Send | None = None
        self.age = timedelta(minutes=5)
        self.log: list[dict[str, Any]] = []
        self._sent: dict[int, SignedDelivery] = {}

    async def deliver(self, delivery: SignedDelivery, *, redelivery: bool = False) -> None:
        """Once, `age` ago as far as the log tells; again only when it is asked for."""
        assert self.send is not None
        status = 502 if self.is_dropping else await self.send(delivery)
        number = 12_345_678 + len(self.log)
        self._sent[number] = delivery
        self.log.append(
            {
                "id": number,
                "guid": delivery.id,
                "delivered_at": (datetime.now(UTC) - self.age).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "redelivery": redelivery,
                "duration": 0.03,
                "status": "OK" if status < 400 else "failed to connect to host",
                "status_code": status,
                "event": delivery.headers["X-GitHub-Event"],
                "action": None,
                "installation_id": None,
                "repository_id": None,
                "throttled_at": None,
            }
        )

    async def deliver_again(self, number: int) -> bool:
        """Whether there is such a delivery."""
        delivery = self._sent.get(number)
        if delivery is not None:
            await self.deliver(delivery, redelivery=True)
        return delivery is not None
