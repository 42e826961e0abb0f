"""`/api/v1/keys`: make, list and revoke API keys."""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec

from server.api.route import Answer, Call
from server.security.api_keys import ApiKey
from server.security.principal import Permission


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*project*: a key that sees nothing else. *lifetime_seconds* null: it never expires. `ApiKeys` refuses the odd."""

    name: str
    scopes: Annotated[list[Permission], msgspec.Meta(min_length=1, max_length=3)]
    project: str | None = None
    lifetime_seconds: float | None = None


class KeyCreated(msgspec.Struct, frozen=True):
    """*token* is the key itself; it cannot be shown again."""

    key: ApiKey
    token: str


class KeysList(msgspec.Struct, frozen=True):
    keys: list[ApiKey]


async def create_key(call: Call[Any, NewKey]) -> Answer:
    wish = call.body
    key, token = await call.parts.keys.create(
        wish.name,
        set(wish.scopes),
        by=call.principal.name,
        project=wish.project,
        lifetime_seconds=wish.lifetime_seconds,
    )
    return Answer(KeyCreated(key, token), HTTPStatus.CREATED, {"Location": f"/api/v1/keys/{key.id}"})


async def list_keys(call: Call[Any, None]) -> KeysList:
    return KeysList(await call.parts.keys.list())


async def revoke_key(call: Call[Any, None]) -> ApiKey:
    return await call.parts.keys.revoke(call.path("id"), by=call.principal.name)
