"""`/api/v1/deliveries`: the webhooks that came, and what came of them."""

import msgspec

from server.api.reading import Limit, Line, decode_cursor, encode_cursor
from server.api.route import Call
from server.reviews.deliveries import Cursor, DeliveryState, KnownDelivery


class DeliveriesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: Line | None = None
    state: DeliveryState | None = None
    repository: Line | None = None
    limit: Limit = 50
    cursor: str | None = None


class DeliveriesPage(msgspec.Struct, frozen=True):
    deliveries: list[KnownDelivery]
    next: str | None


async def list_deliveries(call: Call[DeliveriesQuery, None]) -> DeliveriesPage:
    query = call.query
    came = await call.parts.deliveries.list(
        event=query.event,
        state=query.state,
        repository=query.repository,
        after=decode_cursor(query.cursor, Cursor) if query.cursor else None,
        limit=query.limit,
    )
    last = came[-1] if len(came) == query.limit else None
    return DeliveriesPage(came, encode_cursor(Cursor(last.received_at, last.id)) if last else None)


async def get_delivery(call: Call[None, None]) -> KnownDelivery:
    return await call.parts.deliveries.get(call.path("id"))
