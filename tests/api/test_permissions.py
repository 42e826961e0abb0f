"""Who may do what: every role at every address of the table, and nobody in another's project."""

from uuid import uuid4

import pytest

from server.api.route import Route
from server.api.routes import ROUTES
from server.security.limits import Limits, Rate
from server.security.principal import Permission
from tests.api.conftest import OTHER, PROJECT, Hub, finding_of

ROLES: dict[str, tuple[Permission | None, bool]] = {
    "nobody": (None, False),
    "revoked": (None, False),
    "read": (Permission.READ, False),
    "write": (Permission.WRITE, False),
    "admin": (Permission.ADMIN, False),
    "project read": (Permission.READ, True),
    "project write": (Permission.WRITE, True),
}
"""What each role has, and whether it is of one project."""


@pytest.fixture
def limits() -> Limits:
    """A revoked key is tried at more addresses than a stranger may try keys."""
    return Limits(wrong_keys=Rate(per_second=100, burst=1000))


def expected_status(route: Route, role: str) -> set[int]:
    """The refusal that a role must get; empty when it must get none."""
    scope, of_one_project = ROLES[role]
    if route.permission is None or route.open_on_loopback:
        return set()
    if scope is None:
        return {401}
    if not scope.includes(route.permission) or (route.of_hub and of_one_project):
        return {403}
    return set()


@pytest.mark.parametrize("as_head", [False, True], ids=["as in the table", "HEAD where there is GET"])
async def test_every_role_at_every_address(hub: Hub, as_head: bool) -> None:
    """The answers to what is allowed differ (there is no such job); what matters is that nothing else is let in."""
    wrong = []
    for route in (route for route in ROUTES if route.method == "GET" or not as_head):
        method = "HEAD" if as_head else route.method
        for role in ROLES:
            path = route.path.replace("{id}", str(uuid4())).replace("{fingerprint}", "0" * 32).replace("{name}", "n")
            path = path.replace("{checkpoint}", "reviewed").replace("{owner}/{repo}", "octo/app")
            path += "?wait=0" if "wait" in route.query.__struct_fields__ else ""  # nobody is here who would do it
            answer = await hub.ask(method, path, role=None if role == "nobody" else role)
            refused = {answer.status} & {401, 403}
            if refused != expected_status(route, role) or answer.status >= 500:
                wrong.append((method, route.path, role, answer.status))

    assert wrong == []


async def test_nothing_but_the_pages_for_operators_is_open(hub: Hub) -> None:
    is_open = {route.path for route in ROUTES if route.permission is None}

    of_logins = {"/device", "/api/v1/device/code", "/api/v1/device/token"}
    assert (
        is_open
        == {"/health", "/ready", "/api/v1", "/api/v1/openapi.json", "/api/v1/schemas/hive.toml.json"} | of_logins
    )
    assert {route.path for route in ROUTES if route.open_on_loopback} == {"/", "/metrics"}


async def test_a_key_of_one_project_sees_no_job_of_another(hub: Hub) -> None:
    mine, others = await hub.reviewed(), await hub.reviewed(project=OTHER)

    listed = await hub.get("/api/v1/jobs", role="project read")
    answers = {
        path: (await hub.ask(method, path, role="project write")).status
        for method, path in (
            ("GET", f"/api/v1/jobs/{others}"),
            ("GET", f"/api/v1/jobs/{others}?wait=0.1"),
            ("GET", f"/api/v1/jobs/{others}/result"),
            ("GET", f"/api/v1/jobs/{others}/events"),
            ("POST", f"/api/v1/jobs/{others}/cancel"),
        )
    }

    assert [job["id"] for job in listed["jobs"]] == [mine]
    assert set(answers.values()) == {404}
    assert (await hub.ask("GET", f"/api/v1/jobs?project={OTHER}", role="project read")).status == 403


async def test_a_key_of_one_project_touches_no_finding_of_another(hub: Hub) -> None:
    await hub.reviewed()
    await hub.reviewed(project=OTHER)
    fingerprint, named = finding_of("app.py").fingerprint, {"project": OTHER}

    listed = await hub.get("/api/v1/findings", role="project read")
    dismissing = await hub.ask(
        "POST", f"/api/v1/findings/{fingerprint}/dismiss", params=named, json={"why": "x"}, role="project write"
    )
    reopening = await hub.ask("POST", f"/api/v1/findings/{fingerprint}/reopen", params=named, role="project write")

    assert {known["project"] for known in listed["findings"]} == {PROJECT}
    assert (dismissing.status, reopening.status) == (404, 404)
    untouched = await hub.get(f"/api/v1/findings/{fingerprint}", params=named)
    assert (untouched["finding"]["finding"]["status"], untouched["history"]) == ("open", [])
    assert (await hub.ask("GET", f"/api/v1/findings/{fingerprint}", params=named, role="project read")).status == 404
    assert (await hub.ask("GET", "/api/v1/findings", params=named, role="project read")).status == 403


async def test_a_key_of_one_project_starts_no_review_in_another(hub: Hub) -> None:
    answer = await hub.ask("POST", "/api/v1/reviews", json={"project": OTHER, "files": []}, role="project write")

    assert answer.status == 403


NO_KEYS = ["Bearer", "Bearer ", "Bearer nonsense", "Basic aGl2ZTpoaXZl", "Digest x", "hive_aaaaaaaa_x", "Bearer \udcff"]


async def test_what_is_no_key_is_refused(hub: Hub, subtests: pytest.Subtests) -> None:
    for header in NO_KEYS:
        with subtests.test(repr(header)):
            answer = await hub.ask("GET", "/api/v1/jobs", role=None, headers={"Authorization": header})

            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_key_in_the_address_is_no_key(hub: Hub) -> None:
    answer = await hub.ask("GET", f"/api/v1/jobs?token={hub.keys['admin']}", role=None)

    assert answer.status == 401


class TestLimits:
    """With small buckets and a clock that stands still."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(
            address=Rate(per_second=1, burst=40),
            key=Rate(per_second=0.5, burst=3),
            wrong_keys=Rate(per_second=0.1, burst=2),
            clock=lambda: 0.0,
        )

    async def test_guessing_keys_is_slowed_down(self, hub: Hub) -> None:
        answers = [await hub.ask("GET", "/api/v1/jobs", role="revoked") for _ in range(4)]

        assert [answer.status for answer in answers] == [401, 401, 429, 429]
        assert answers[-1].headers["Retry-After"] == "10"

    async def test_a_good_key_works_while_another_guesses_from_the_same_address(self, hub: Hub) -> None:
        for _ in range(4):
            await hub.ask("GET", "/api/v1/jobs", role="revoked")

        assert (await hub.ask("GET", "/api/v1/jobs", role="read")).status == 200

    async def test_one_key_cannot_take_all(self, hub: Hub) -> None:
        statuses = [(await hub.ask("GET", "/api/v1/jobs", role="read")).status for _ in range(4)]

        assert statuses == [200, 200, 200, 429]
        assert (await hub.ask("GET", "/api/v1/jobs", role="write")).status == 200

    async def test_one_address_cannot_take_all(self, hub: Hub) -> None:
        statuses = [(await hub.ask("GET", "/health", role=None)).status for _ in range(41)]

        assert statuses == [200] * 40 + [429]
