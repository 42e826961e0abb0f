"""The App itself, its webhook and its tokens."""

import secrets
from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from tests.github.answering import Call, Endpoint, Refusal, json_answer, page_of
from tests.github.world import APP_SLUG, Token, World


async def get_app(world: World, call: Call) -> web.Response:
    facts = {"id": world.app_id, "slug": APP_SLUG, "permissions": world.permissions, "events": world.events}
    return json_answer(world.contract.example("integration") | facts)


async def get_hook(world: World, call: Call) -> web.Response:
    return json_answer(world.contract.example("webhook-config") | {"url": world.hook.url})


async def list_deliveries(world: World, call: Call) -> web.Response:
    """The newest first; a page's address names where it begins, and no number."""
    query, log = call.request.query, world.hook.log[::-1]
    start = int(query.get("cursor", "v1_0").removeprefix("v1_"))
    end = start + min(int(query.get("per_page", "30")), world.page_size_limit)
    more = f"{world.url}/app/hook/deliveries?{urlencode(dict(query) | {'cursor': f'v1_{end}'})}"
    return json_answer(log[start:end], headers={"Link": f'<{more}>; rel="next"'} if end < len(log) else {})


async def redeliver(world: World, call: Call) -> web.Response:
    if not await world.hook.deliver_again(int(call.request.match_info["delivery_id"])):
        raise Refusal(404, "Not Found")
    return json_answer({}, status=202)


async def create_token(world: World, call: Call) -> web.Response:
    number = int(call.request.match_info["installation_id"])
    installation = next((i for i in world.installations.values() if i.id == number), None)
    if installation is None:
        raise Refusal(404, "Not Found")
    token = f"ghs_{secrets.token_hex(18)}"
    expires_at = datetime.now(UTC) + world.token_lifetime
    world.tokens[token] = Token(installation, expires_at)
    facts = {
        "token": token,
        "expires_at": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "permissions": world.permissions,
    }
    return json_answer(facts | {"repository_selection": "all"}, status=201)


async def convert_manifest(world: World, call: Call) -> web.Response:
    """A code is good once."""
    asked = world.manifests.pop(call.request.match_info["code"], None)
    if asked is None:
        raise Refusal(404, "Not Found")
    template = world.contract.example("integration-from-manifest")
    facts = {"id": world.app_id, "slug": APP_SLUG, "pem": world.private_key_pem, "name": asked["name"]}
    return json_answer(template | facts | {"webhook_secret": world.webhook_secret}, status=201)


async def get_installation(world: World, call: Call) -> web.Response:
    installation = world.installation_of(world.repository(call.request))
    template = world.contract.example("installation")
    return json_answer(template | {"id": installation.id, "app_id": world.app_id, "app_slug": APP_SLUG})


async def list_installations(world: World, call: Call) -> web.Response:
    template = world.contract.example("base-installation-items")[0]
    # To the letter of the description an account here is a user and an enterprise at once.
    both = {"name": "", "slug": "", "created_at": None, "updated_at": None}
    shown = [
        template | {"id": one.id, "app_id": world.app_id, "account": world.user(one.account) | both}
        for one in world.installations.values()
    ]
    return page_of(world, call.request, shown)


async def list_repositories(world: World, call: Call) -> web.Response:
    """Of the installation whose token it is."""
    token = world.tokens[call.request.headers["Authorization"].partition(" ")[2]]
    template = world.contract.example("repository-paginated-2")["repositories"][0]
    found = [
        template | world.repository_facts(one) | {"default_branch": "main", "archived": False}
        for one in world.repositories.values()
        if one.owner == token.installation.account
    ]
    return page_of(
        world, call.request, found, wrap=lambda page: {"total_count": len(found), "repositories": page}
    )  # fmt: skip


ENDPOINTS = (
    Endpoint("GET", "/app/installations", list_installations),
    Endpoint("GET", "/installation/repositories", list_repositories, ("metadata:read",)),
    Endpoint("GET", "/app", get_app),
    Endpoint("POST", "/app-manifests/{code}/conversions", convert_manifest),
    Endpoint("GET", "/app/hook/config", get_hook),
    Endpoint("GET", "/app/hook/deliveries", list_deliveries),
    Endpoint("POST", "/app/hook/deliveries/{delivery_id}/attempts", redeliver),
    Endpoint("POST", "/app/installations/{installation_id}/access_tokens", create_token),
    Endpoint("GET", "/repos/{owner}/{repo}/installation", get_installation),
)
