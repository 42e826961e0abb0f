"""Checks of what is asked over a network: the running hub, GitHub, the model. The last two only when told to."""

import aiohttp
import msgspec

from server.agents.model import Ask, Text, Turn
from server.agents.prices import LOOKED_UP_ON, facts_of
from server.agents.settings import ClaudeSettings, claude_settings
from server.cli.checks import Check, failed, ok, skipped, warning
from server.config import Settings
from server.effects.app import GitHubApp
from server.errors import HiveError
from server.launch import Hub
from server.memory.remote import EmbedderFailed, RemoteEmbedder, endpoint_of

TIMEOUT = aiohttp.ClientTimeout(total=10)


class _Part(msgspec.Struct):
    ready: bool
    note: str = ""


class _Readiness(msgspec.Struct):
    parts: dict[str, _Part]


async def hub(running: Hub | None) -> Check:
    if running is None:
        return skipped("hub", "none runs here", hint="start one with hive up")
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session, session.get(f"{running.url}/ready") as response:
            readiness = msgspec.json.decode(await response.read(), type=_Readiness)
    except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
        hint = f"see its log; stop process {running.pid} and start it again"
        return failed("hub", f"process {running.pid} at {running.url} does not say how it is: {error!r}", hint=hint)
    unready = [
        f"{name} ({part.note})" if part.note else name for name, part in readiness.parts.items() if not part.ready
    ]
    if unready:
        return failed(
            "hub", f"process {running.pid} at {running.url} is not ready: {', '.join(unready)}", hint="see its log"
        )
    retired = [name for name, part in readiness.parts.items() if part.note.startswith("retired")]
    if retired:
        hint = "hive agents resume NAME, then start the hub anew"
        return warning("hub", f"process {running.pid} is ready, but retired: {', '.join(retired)}", hint=hint)
    return ok("hub", f"process {running.pid} at {running.url} is ready, all {len(readiness.parts)} parts")


async def github(settings: Settings, *, online: bool) -> list[Check]:
    return [await _github_app(settings, online), _webhook_secret(settings)]


async def _github_app(settings: Settings, online: bool) -> Check:
    if settings.github_app_id is None or settings.github_private_key is None:
        hint = "to review pull requests set GITHUB_APP_ID and GITHUB_PRIVATE_KEY"
        return skipped("github app", "not configured", hint=hint)
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            app = GitHubApp(
                session,
                app_id=settings.github_app_id,
                private_key=settings.github_private_key,
                api_url=settings.github_api_url,
            )
            login = await app.login() if online else None
    except HiveError as error:
        return failed("github app", error)
    except Exception as error:  # whatever the client raises: a doctor reports and goes on
        hint = "check GITHUB_APP_ID, GITHUB_PRIVATE_KEY and GITHUB_API_URL"
        return failed("github app", f"{settings.github_api_url}: {type(error).__name__}: {error}", hint=hint)
    who = f"posts as {login}" if login else "its key can sign; --online asks GitHub"
    return ok("github app", f"number {settings.github_app_id}, {who}")


def _webhook_secret(settings: Settings) -> Check:
    number = len(settings.github_webhook_secrets)
    if number == 0 and settings.github_app_id is not None:
        hint = "set GITHUB_WEBHOOK_SECRET to the secret on the App's settings page"
        return failed("webhook secret", "none, so every delivery is refused", hint=hint)
    if number == 0:
        return skipped("webhook secret", "not configured", hint="to take webhooks set GITHUB_WEBHOOK_SECRET")
    return ok("webhook secret", "one" if number == 1 else "two: current and previous")


async def model(settings: Settings, *, online: bool) -> Check:
    claude = claude_settings(settings)
    if claude is None:
        if settings.thinks:
            return ok("model", "who thinks runs elsewhere, and holds the key")
        return skipped("model", "no key; none is needed: reviews are deterministic", hint="set ANTHROPIC_API_KEY")
    names = f"{claude.strong}, and {claude.fast} where speed matters"
    if unknown := [name for name in (claude.strong, claude.fast) if not facts_of(name).is_known]:
        detail = f"{names}; no price is known of {', '.join(unknown)} (as of {LOOKED_UP_ON}): billed as the dearest"
        return warning("model", detail, hint="check HIVE_MODEL and HIVE_MODEL_FAST; budgets are spent sooner")
    budgets = (settings.budget_job, settings.budget_project_day, settings.budget_day)
    names += "; at most ${:g} a job, ${:g} a project a day, ${:g} a day".format(*budgets)
    if not online:
        return ok("model", f"{names}; --online tries the key")
    try:
        await _count(claude)
    except HiveError as error:
        return failed("model", error)
    return ok("model", f"{names}; the key is good")


async def embedder(settings: Settings, *, online: bool) -> list[Check]:
    """Nothing where none is set: ours needs nothing."""
    endpoint = endpoint_of(settings)
    if endpoint is None:
        return []
    if not online:
        return [ok("embedder", f"{endpoint.model} at {endpoint.url}; --online tries it")]
    remote = RemoteEmbedder(endpoint)
    try:
        await remote.embed(["hello"])
    except EmbedderFailed as error:
        return [failed("embedder", error)]
    finally:
        await remote.close()
    return [ok("embedder", f"{endpoint.model} answers with {endpoint.dimension} numbers")]


async def _count(claude: ClaudeSettings) -> None:
    """Ask for something that costs nothing, of both models."""
    from server.agents.claude import ClaudeModel  # the SDK takes a second to load

    model = ClaudeModel(claude, max_retries=0, patience_seconds=10.0)
    try:
        for strength in ("strong", "fast"):
            await model.count_tokens(Ask(strength, "", (Turn("user", (Text("hello"),)),)))
    finally:
        await model.close()
